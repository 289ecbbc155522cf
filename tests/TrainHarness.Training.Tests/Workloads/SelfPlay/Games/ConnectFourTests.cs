using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay.Games;

/// <summary>The second game behind the same contract, by the counts of others.</summary>
public sealed class ConnectFourTests
{
    [Fact]
    public void There_are_as_many_positions_as_others_have_counted()
    {
        // OEIS A212693.
        Assert.Equal([1, 7, 49, 238, 1120, 4263, 16422, 54859], HexTests.Counts(new ConnectFour(), 7));
    }

    [Fact]
    public void A_board_of_4x4_has_161029_positions()
    {
        // John Tromp's table of Connect Four by the size of the board.
        Assert.Equal(161_029, HexTests.Counts(new ConnectFour(columns: 4, rows: 4), 16).Sum());
    }

    [Theory]
    [InlineData(new[] { 0, 6, 1, 6, 2, 6, 3 }, 1)]
    [InlineData(new[] { 0, 1, 0, 1, 0, 1, 0 }, 1)]
    [InlineData(new[] { 0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3 }, 1)]
    [InlineData(new[] { 6, 5, 5, 4, 4, 3, 4, 3, 3, 0, 3 }, 1)]
    [InlineData(new[] { 0, 6, 1, 6, 2, 6 }, null)]
    public void Four_in_a_line_win_in_every_direction(int[] columns, int? result)
    {
        var game = new ConnectFour();
        var position = default(Position);
        foreach (var column in columns)
        {
            Assert.Null(game.Result(position));
            position = game.After(position, column);
        }

        Assert.Equal(result, game.Result(position));
    }

    [Fact]
    public void Lines_do_not_go_on_at_the_other_side_of_the_board()
    {
        var game = new ConnectFour();
        // Cells 4, 5 and 6 of the last row and the first of the row above, which follow each other in the bits.
        var stones = (UInt128.One << 39) | (UInt128.One << 40) | (UInt128.One << 41) | (UInt128.One << 28);
        Assert.Null(game.Result(new Position(stones, stones >> 7)));
        var wrapped = (UInt128.One << 32) | (UInt128.One << 33) | (UInt128.One << 34) | (UInt128.One << 35);
        Assert.Null(game.Result(new Position(wrapped, 0b111)));
    }

    [Fact]
    public void A_full_board_without_a_line_is_a_draw()
    {
        var game = new ConnectFour(columns: 4, rows: 4);
        var position = default(Position);
        // Pairs of columns filled so that colours alternate by two.
        foreach (var column in (int[])[0, 1, 0, 1, 1, 0, 1, 0, 2, 3, 2, 3, 3, 2, 3, 2])
            position = game.After(position, column);
        Assert.Equal((16, 0), (position.Ply, game.Result(position)));
    }
}
