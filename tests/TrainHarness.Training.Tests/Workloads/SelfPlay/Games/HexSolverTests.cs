using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay.Games;

/// <summary>Exact answers: by brute force where that is possible, and by those of another solver.</summary>
public sealed class HexSolverTests
{
    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 5)]
    [InlineData(4, 4)]
    [InlineData(5, 13)]
    public void So_many_openings_win(int size, int expected) =>
        Assert.Equal(expected, HexTests.Cells(new HexSolver(new Hex(size)).WinningMoves(default)).Count());

    // Who wins after each opening, row by row: benzene's regression/solve-6x6.tst, github.com/cgao3/benzene-vanilla-cmake.
    [Fact]
    [Trait("Lane", "long")]
    public void The_openings_of_6x6_that_win_are_those_that_are_published()
    {
        string[] published = ["000001", "011111", "111111", "111111", "111110", "100000"];
        int[] expected = [.. string.Concat(published).Index().Where(cell => cell.Item == '1').Select(cell => cell.Index)];
        Assert.Equal(expected, HexTests.Cells(new HexSolver(new Hex(6)).WinningMoves(default)));
    }

    [Fact]
    public void Every_position_of_3x3_is_answered_as_brute_force_does()
    {
        var game = new Hex(3);
        var solver = new HexSolver(game);
        var positions = new HashSet<Position> { default };
        var looked = 0;
        while (positions.Count > 0)
        {
            looked += positions.Count;
            foreach (var position in positions)
            {
                int[] winning = [.. HexTests.Cells(game.Legal(position)).Where(move => WinsAfter(game, position, move))];
                Assert.Equal(winning, HexTests.Cells(solver.WinningMoves(position)));
                Assert.Equal(winning.Length > 0, solver.Wins(position));
            }

            positions =
            [
                .. positions
                    .SelectMany(position => HexTests.Cells(game.Legal(position)).Select(move => game.After(position, move)))
                    .Where(after => game.Result(after) is null),
            ];
        }

        Assert.True(looked > 2000, $"{looked}");
    }

    // Turned by half a turn a position is the same one, and is remembered once.
    [Fact]
    public void A_carrier_does_not_depend_on_what_was_solved_before()
    {
        var game = new Hex(4);
        var random = new Random(2);
        var (forth, back) = (new HexSolver(game), new HexSolver(game));
        var positions = new List<Position>();
        while (positions.Count < 60)
        {
            var position = default(Position);
            while (position.Ply < 4)
                position = game.After(position, HexTests.Drawn(game.Legal(position), random));
            positions.Add(position);
            positions.Add(new Position(Turned(position.First), Turned(position.Second)));
        }

        var carriers = positions.ConvertAll(position => forth.Solve(position));
        positions.Reverse();
        var reversed = positions.ConvertAll(position => back.Solve(position));
        reversed.Reverse();
        Assert.Equal(carriers, reversed);

        UInt128 Turned(UInt128 cells) =>
            HexTests.Cells(cells).Aggregate(UInt128.Zero, (turned, cell) => turned | (UInt128.One << (game.Moves - 1 - cell)));
    }

    [Fact]
    public void A_winner_needs_no_cell_outside_its_carrier()
    {
        var game = new Hex(4);
        var solver = new HexSolver(game);
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var position = default(Position);
            while (position.Ply < 5)
                position = game.After(position, HexTests.Drawn(game.Legal(position), random));
            var (wins, carrier) = solver.Solve(position);
            // The loser gets all cells outside, in place of the stones that it has there: only who wins may be asked of such a board.
            var outside = game.Legal(position) & ~carrier;
            var moverIsFirst = position.FirstMoves;
            var (first, second) = (position.First, position.Second);
            if (wins == moverIsFirst)
                second |= outside;
            else
                first |= outside;
            Assert.Equal(wins == moverIsFirst, FirstWins(game, first, second, moverIsFirst, []));
        }
    }

    [Theory]
    [InlineData("hex-4x4-solved.csv", 4, 200)]
    [InlineData("hex-5x5-solved.csv", 5, 800)]
    public void Another_solver_gives_the_same_winning_moves(string file, int size, int min)
    {
        var solver = new HexSolver(new Hex(size));
        DecisionPosition[] rows =
        [
            .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Reference", file))
                .Skip(1)
                .Select(line => DecisionPosition.Parse(line, size)),
        ];
        Assert.True(rows.Length >= min, $"{rows.Length}");
        Assert.All(rows, row => Assert.Equal(row.WinningMoves, solver.WinningMoves(row.Position)));
    }

    private static bool WinsAfter(Hex game, Position position, int move)
    {
        var after = game.After(position, move);
        return game.Result(after) is not null || !HexTests.Cells(game.Legal(after)).Any(reply => WinsAfter(game, after, reply));
    }

    private static bool FirstWins(Hex game, UInt128 first, UInt128 second, bool firstMoves, Dictionary<(UInt128, UInt128), bool> known)
    {
        if (HexTests.Joins(game.Size, first, HexTests.Down))
            return true;
        if (HexTests.Joins(game.Size, second, HexTests.Right))
            return false;
        if (known.TryGetValue((first, second), out var before))
            return before;
        var free = HexTests.Cells(game.Legal(new Position(first, second)));
        return known[(first, second)] = firstMoves
            ? free.Any(cell => FirstWins(game, first | (UInt128.One << cell), second, false, known))
            : !free.Any(cell => !FirstWins(game, first, second | (UInt128.One << cell), true, known));
    }
}
