using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay.Games;

/// <summary>The solved positions that come with the program, and how they were made.</summary>
public sealed class DecisionPositionsTests
{
    [Theory]
    [InlineData(4, "7944e3708a25399494fe53b81817eec0436470c90e75dd4dbfcffdb1c5b47a29")]
    [InlineData(5, "ab888b0a039e0233f5be509646b10a4c1806517c810aefa576db595bf5879ae6")]
    [InlineData(7, "6cf56bf21cefa3471933e1128373aa8cfa323f854a21ff996c0d8ae86a409436")]
    public void A_file_is_the_one_that_studies_were_measured_on(int size, string sha256) =>
        Assert.Equal(sha256, DecisionPositions.Sha256(size));

    [Theory]
    [InlineData(4, 512)]
    [InlineData(5, 2048)]
    [InlineData(7, 1024)]
    public void A_file_holds_equally_many_positions_of_each_number_of_stones_none_of_them_twice(int size, int count)
    {
        var game = new Hex(size);
        var set = DecisionPositions.Shipped.Single(set => set.Size == size);
        var all = DecisionPositions.Read(size, count);
        Assert.Equal(count, set.Count);
        Assert.All(all.CountBy(decision => decision.Position.Ply), stones => Assert.Equal(set.OfEach, stones.Value));
        var turnedToo = all.SelectMany(decision => (Position[])[decision.Position, Turned(game, decision.Position)]);
        Assert.Equal(2 * count, turnedToo.Distinct().Count());
        Assert.All(all, decision =>
        {
            Assert.Null(game.Result(decision.Position));
            Assert.NotEqual(UInt128.Zero, decision.WinningMoves);
            Assert.NotEqual(game.Legal(decision.Position), decision.WinningMoves);
            Assert.Equal(UInt128.Zero, decision.WinningMoves & ~game.Legal(decision.Position));
        });
    }

    [Theory]
    [InlineData(4, 2, 64)]
    [InlineData(5, 7, 2)]
    [InlineData(7, 30, 1)]
    public void The_generator_makes_the_file_again(int size, int fewestStones, int ofEach)
    {
        var set = DecisionPositions.Shipped.Single(set => set.Size == size);
        var lines = DecisionPositions.File(size).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var part = set with { Fewest = fewestStones };
        var expected = Enumerable
            .Range(fewestStones - set.Fewest, set.Most - fewestStones + 1)
            .SelectMany(place => lines.Skip(1 + (place * set.OfEach)).Take(ofEach));
        Assert.Equal(expected, DecisionPositions.Generate(part, ofEach).Select(decision => decision.ToLine(size)));
    }

    [Fact]
    public void A_part_of_a_file_is_spread_over_all_numbers_of_stones()
    {
        var part = DecisionPositions.Read(4, 64);
        var counts = part.CountBy(decision => decision.Position.Ply).Select(pair => (pair.Key, pair.Value));
        Assert.Equal(Enumerable.Range(2, 8).Select(stones => (stones, 8)), counts);
    }

    [Theory]
    [InlineData("4,0,0001000000000000,0000000000010000", "is no position")]
    [InlineData("5,0,0001000000000000,0000000000010000,1110111111101000", "is no position")]
    [InlineData("4,1,0001000000000000,0000000000010000,1110111111101000", "another player to move")]
    [InlineData("4,0,000100000000000,0000000000010000,1110111111101000", "is no board")]
    public void A_line_of_something_else_is_refused(string line, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => DecisionPosition.Parse(line, 4)).Message, StringComparison.Ordinal);

    private static Position Turned(Hex game, Position position) => new(Turned(game, position.First), Turned(game, position.Second));

    private static UInt128 Turned(Hex game, UInt128 stones) =>
        HexTests.Cells(stones).Aggregate(UInt128.Zero, (all, cell) => all | (UInt128.One << game.Turned(cell)));
}
