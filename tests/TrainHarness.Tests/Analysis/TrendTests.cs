using TrainHarness.Analysis;

namespace TrainHarness.Tests.Analysis;

public sealed class TrendTests
{
    /// <summary>The frontier of efficiency_sota.csv (Hernandez and Brown 2020): date and reduction factor.</summary>
    private static readonly TrendPoint[] Published =
    [
        new("AlexNet", new(2012, 6, 1), 1),
        new("GoogLeNet", new(2014, 9, 17), 4.3),
        new("MobileNet_v1", new(2017, 4, 17), 11),
        new("ShuffleNet_v1_1x", new(2017, 7, 3), 21),
        new("ShuffleNet_v2_1x", new(2018, 6, 30), 25),
        new("EfficientNet-b0", new(2019, 5, 28), 44),
    ];

    [Fact]
    public void The_published_frontier_doubles_every_15_point_8_months() =>
        Assert.Equal(15.8, Trend.DoublingTimeMonths(Published)!.Value, 1);

    [Fact]
    public void An_entry_worse_than_an_older_one_is_not_on_the_frontier()
    {
        var worse = new TrendPoint("ResNet-50", new(2015, 12, 10), 2.2);
        Assert.Equal(Published, Trend.Frontier([.. Published.Reverse(), worse]));
    }

    [Fact]
    public void Two_points_are_no_trend() => Assert.Null(Trend.DoublingTimeMonths(Published[..2]));

    [Fact]
    public void A_frontier_that_does_not_grow_has_no_doubling_time() =>
        Assert.Null(Trend.DoublingTimeMonths([new("a", new(2012, 1, 1), 2), new("b", new(2013, 1, 1), 2), new("c", new(2014, 1, 1), 2)]));
}
