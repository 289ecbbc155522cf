using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay.Games;

/// <summary>The rules of Hex, against the same rules by rows and columns.</summary>
public sealed class HexTests
{
    private static readonly (int Down, int Right)[] Neighbours = [(0, -1), (0, 1), (-1, 0), (1, 0), (-1, 1), (1, -1)];

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(11)]
    public void Whoever_joins_its_sides_wins_and_nobody_else(int size)
    {
        var game = new Hex(size);
        var random = new Random(size);
        for (var round = 0; round < 40; round++)
        {
            var position = default(Position);
            while (game.Result(position) is null)
            {
                Assert.False(Joins(size, position.First, Down) || Joins(size, position.Second, Right));
                position = game.After(position, Drawn(game.Legal(position), random));
            }

            // The one who moved last has joined its sides.
            Assert.True(Joins(size, position.First, Down) != Joins(size, position.Second, Right));
            Assert.Equal(!position.FirstMoves, Joins(size, position.First, Down));
        }
    }

    [Fact]
    public void A_full_board_of_3x3_has_one_winner_whatever_the_stones()
    {
        var fillings = Enumerable.Range(0, 1 << 9).Where(bits => int.PopCount(bits) == 5).ToList();
        // 9 over 5.
        Assert.Equal(126, fillings.Count);
        Assert.All(fillings, bits => Assert.True(Joins(3, (UInt128)bits, Down) != Joins(3, (UInt128)(0x1FF & ~bits), Right)));
        Assert.All(fillings, bits =>
        {
            var full = new Position((UInt128)bits, (UInt128)(0x1FF & ~bits));
            Assert.Equal(Joins(3, full.First, Down) ? 1 : null, new Hex(3).Result(full));
        });
    }

    [Fact]
    public void There_are_as_many_positions_of_so_many_stones_as_choices_of_cells()
    {
        // Nobody can win 4×4 with fewer than four stones, so that each choice is there: 16, 16 × 15, 16 × 15 / 2 × 14, ...
        Assert.Equal([1, 16, 240, 1680, 10920, 43680, 160160], Counts(new Hex(4), 6));
    }

    [Fact]
    public void The_second_player_sees_a_board_on_which_it_joins_top_and_bottom()
    {
        var game = new Hex(5);
        // Joins left and right in the third row.
        UInt128 stones = 0b11111 << 10;
        var seen = game.View(firstMoves: false, 0).Cells;
        var mirrored = Cells(stones).Aggregate(UInt128.Zero, (all, cell) => all | (UInt128.One << seen[cell]));
        Assert.Equal((true, false), (Joins(5, stones, Right), Joins(5, stones, Down)));
        Assert.Equal((false, true), (Joins(5, mirrored, Right), Joins(5, mirrored, Down)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_symmetry_keeps_neighbours_and_sides(bool firstMoves)
    {
        const int size = 5;
        var game = new Hex(size);
        var (as_it_is, turned) = (game.View(firstMoves, 0).Cells, game.View(firstMoves, 1).Cells);
        for (var cell = 0; cell < size * size; cell++)
        {
            Assert.Equal((size * size) - 1 - as_it_is[cell], turned[cell]);
            Assert.Equal(NeighboursOf(cell, size).Select(near => as_it_is[near]).Order(), NeighboursOf(as_it_is[cell], size).Order());
        }
    }

    internal static List<long> Counts(IGame game, int plies)
    {
        var (counts, positions) = (new List<long>(), new HashSet<Position> { default });
        for (var ply = 0; ply <= plies; ply++)
        {
            counts.Add(positions.Count);
            positions =
            [
                .. positions
                    .Where(position => game.Result(position) is null)
                    .SelectMany(position => Cells(game.Legal(position)).Select(move => game.After(position, move))),
            ];
        }

        return counts;
    }

    internal static IEnumerable<int> Cells(UInt128 set) => Enumerable.Range(0, 128).Where(cell => (set >> cell & 1) != 0);

    internal static int Drawn(UInt128 moves, Random random) => Cells(moves).ElementAt(random.Next(Cells(moves).Count()));

    internal static (int Row, int Column) Down(int cell, int size) => (cell / size, cell % size);

    internal static (int Row, int Column) Right(int cell, int size) => (cell % size, cell / size);

    /// <param name="along">The row counts the steps from one side to the other.</param>
    internal static bool Joins(int size, UInt128 stones, Func<int, int, (int Row, int Column)> along)
    {
        var all = Cells(stones).ToHashSet();
        var open = new Stack<int>(all.Where(cell => along(cell, size).Row == 0));
        while (open.TryPop(out var cell))
        {
            if (!all.Remove(cell))
                continue;
            if (along(cell, size).Row == size - 1)
                return true;
            foreach (var near in NeighboursOf(cell, size).Where(all.Contains))
                open.Push(near);
        }

        return false;
    }

    private static IEnumerable<int> NeighboursOf(int cell, int size) =>
        Neighbours
            .Select(step => (Row: (cell / size) + step.Down, Column: (cell % size) + step.Right))
            .Where(place => place.Row >= 0 && place.Row < size && place.Column >= 0 && place.Column < size)
            .Select(place => (place.Row * size) + place.Column);
}
