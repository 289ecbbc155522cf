using System.Security.Cryptography;
using System.Text;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>
/// Solved positions of a board, as they come with the program: equally many of each number of stones, each of which can be reached by legal
/// moves, half of them by random ones and half by moves that, after the first stones, keep a win in half of the cases; no two are the same
/// board turned.
/// </summary>
public static class DecisionPositions
{
    /// <summary>The boards that come with the program.</summary>
    public static IReadOnlyList<DecisionSet> Shipped { get; } =
    [
        new(4, Fewest: 2, Most: 9, OfEach: 64, RandomStones: 5),
        new(5, Fewest: 2, Most: 17, OfEach: 128, RandomStones: 5),
        new(7, Fewest: 24, Most: 39, OfEach: 64, RandomStones: 24),
    ];

    /// <summary>The file of a board, as text.</summary>
    public static string File(int size)
    {
        using var stream = typeof(DecisionPositions).Assembly.GetManifestResourceStream($"hex-{size}x{size}-decisions.csv")
            ?? throw new ArgumentException($"No solved positions of {size}×{size} come with the program.", nameof(size));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>SHA-256 of the file; 64 lower-case hexadecimal digits.</summary>
    public static string Sha256(int size) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(File(size))));

    /// <summary>As many of the file's positions as are asked for, spread evenly over it.</summary>
    public static IReadOnlyList<DecisionPosition> Read(int size, int count)
    {
        string[] lines = [.. File(size).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, lines.Length);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(index => (int)((long)index * lines.Length / count))
                .Select(place => DecisionPosition.Parse(lines[place], size)),
        ];
    }

    /// <summary>Makes a file again.</summary>
    /// <param name="ofEach">Of each number of stones; fewer than the whole file has are its first.</param>
    public static IEnumerable<DecisionPosition> Generate(DecisionSet set, int ofEach)
    {
        var game = new Hex(set.Size);
        var solver = new HexSolver(game);
        for (var stones = set.Fewest; stones <= set.Most; stones++)
        {
            var seen = new HashSet<Position>();
            for (long attempt = 0; seen.Count < ofEach; attempt++)
            {
                var random = Seeds.Generator(set.Size, $"decision positions with {stones} stones", attempt);
                // Which kind a try is of follows from how many there are already: half and half, in turns.
                if (
                    Played(game, solver, stones, random, set.RandomStones, skill: seen.Count % 2 == 0 ? 0 : 0.5) is not { } position
                    || seen.Contains(position)
                    || seen.Contains(Turned(game, position))
                )
                    continue;
                var winning = solver.WinningMoves(position);
                if (winning == 0 || winning == game.Legal(position))
                    continue;
                seen.Add(position);
                yield return new DecisionPosition(position, winning);
            }
        }
    }

    /// <param name="skill">How often a stone after the random ones keeps a win.</param>
    private static Position? Played(Hex game, HexSolver solver, int stones, Random random, int randomStones, double skill)
    {
        var position = default(Position);
        for (var stone = 0; stone < stones; stone++)
        {
            var moves = game.Legal(position);
            if (stone >= randomStones && random.NextDouble() < skill && solver.WinningMoves(position) is var winning && winning != 0)
                moves = winning;
            position = game.After(position, Cells.At(moves, random.Next(Position.Count(moves))));
            if (game.Result(position) is not null)
                return null;
        }

        return position;
    }

    private static Position Turned(Hex game, Position position)
    {
        return new Position(Of(position.First), Of(position.Second));

        UInt128 Of(UInt128 stones)
        {
            UInt128 turned = 0;
            foreach (var cell in Cells.Of(stones))
                turned |= UInt128.One << game.Turned(cell);
            return turned;
        }
    }
}

/// <summary>What a file of solved positions holds.</summary>
/// <param name="Size">Of the board.</param>
/// <param name="Fewest">Stones.</param>
/// <param name="Most">Stones.</param>
/// <param name="OfEach">Positions of each number of stones.</param>
/// <param name="RandomStones">From which number on half of the games are played well: to play well with fewer takes a solver long.</param>
public sealed record DecisionSet(int Size, int Fewest, int Most, int OfEach, int RandomStones)
{
    public int Count => (Most - Fewest + 1) * OfEach;
}
