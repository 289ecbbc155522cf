using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

public sealed class CrossingTests
{
    [Fact]
    public void A_curve_that_never_reaches_the_threshold_has_no_crossing() =>
        Assert.Null(Crossing.Find([0.1, 0.2, 0.39], 0.4, Samples.Top1));

    [Fact]
    public void Reaching_means_at_or_above() => Assert.Equal(new Crossing(1, 1), Crossing.Find([0.1, 0.4, 0.5], 0.4, Samples.Top1));

    [Fact]
    public void A_crossing_that_fell_back_is_first_but_not_sustained() =>
        Assert.Equal(new Crossing(1, 3), Crossing.Find([0.1, 0.4, 0.39, 0.41, 0.6], 0.4, Samples.Top1));

    [Fact]
    public void A_curve_that_ends_below_the_threshold_is_never_sustained() =>
        Assert.Equal(new Crossing(0, null), Crossing.Find([0.5, 0.6, 0.3], 0.4, Samples.Top1));
}
