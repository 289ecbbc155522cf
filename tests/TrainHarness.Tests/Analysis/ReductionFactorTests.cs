using TrainHarness.Analysis;

namespace TrainHarness.Tests.Analysis;

public sealed class ReductionFactorTests
{
    [Fact]
    public void A_factor_is_the_ratio_of_geometric_means()
    {
        // Geometric means by hand: sqrt(100 · 400) = 200 and sqrt(20 · 80) = 40.
        var factor = ReductionFactor.Between(Reached(100, 400), Reached(20, 80))!;
        Assert.Equal(5, factor.Factor, 12);
    }

    [Fact]
    public void Two_seeds_give_no_interval()
    {
        var factor = ReductionFactor.Between(Reached(100, 110, 120), Reached(10, 11))!;
        Assert.Null(factor.Low);
        Assert.Null(factor.High);
    }

    [Fact]
    public void Three_seeds_give_the_interval_of_Welch_on_log_cost()
    {
        // log2 costs 9, 10, 11 against 5, 6, 7: both variances are 1 (in log2), so the standard error is sqrt(2/3), the
        // degrees of freedom 4 and t(0.975; 4) = 2.776445 (printed tables). The factor is 2^4; margin 2.776445 · 0.816497 = 2.266958.
        var factor = ReductionFactor.Between(Reached(512, 1024, 2048), Reached(32, 64, 128))!;
        Assert.Equal(16, factor.Factor, 9);
        Assert.Equal(Math.Pow(2, 4 - 2.266958), factor.Low!.Value, 4);
        Assert.Equal(Math.Pow(2, 4 + 2.266958), factor.High!.Value, 2);
    }

    [Fact]
    public void Seeds_that_all_cost_the_same_give_no_interval_because_the_evaluations_could_not_tell_them_apart() =>
        // The mean of three equal logarithms is not always that logarithm to the last digit.
        Assert.All(Enumerable.Range(1, 200), cost =>
            Assert.Null(ReductionFactor.Between(Reached(1000 * cost, 1000 * cost, 1000 * cost), Reached(10, 10, 10))!.Low)
        );

    [Fact]
    public void Nor_do_seeds_that_all_crossed_at_the_same_evaluation_whatever_a_clock_says_of_each()
    {
        List<CostToTarget?> baseline = [Crossed(100.2, 11), Crossed(99.1, 11), Crossed(101.3, 11)];
        Assert.Null(ReductionFactor.Between(baseline, [Crossed(10.1, 5), Crossed(10.3, 5), Crossed(9.9, 5)])!.Low);
        Assert.NotNull(ReductionFactor.Between(baseline, [Crossed(10.1, 5), Crossed(12.3, 6), Crossed(9.9, 5)])!.Low);
    }

    [Fact]
    public void Unequal_spreads_take_the_degrees_of_freedom_of_Welch_and_Satterthwaite()
    {
        // In log2: variances 4 and 1, three seeds each. Sum of variance / n = 5/3; freedom = (5/3)² / ((16/9 + 1/9) / 2) = 2.941176.
        // t(0.975; 2.941176) = 3.2193, between the printed 4.302653 (2) and 3.182446 (3).
        var factor = ReductionFactor.Between(Reached(256, 1024, 4096), Reached(32, 64, 128))!;
        var margin = Math.Log2(factor.High!.Value / factor.Factor);
        Assert.InRange(margin, 3.182446 * Math.Sqrt(5 / 3.0), 4.302653 * Math.Sqrt(5 / 3.0));
        Assert.Equal(3.2193 * Math.Sqrt(5 / 3.0), margin, 2);
    }

    // Printed tables of t(0.975). Equal variances of n seeds each have 2(n - 1) degrees of freedom.
    [Theory]
    [InlineData(3, 2.776445)]
    [InlineData(5, 2.306004)]
    [InlineData(10, 2.100922)]
    [InlineData(31, 2.000298)]
    public void The_margin_takes_the_printed_quantile_of_Student(int seeds, double quantile)
    {
        double[] spread = [.. Enumerable.Range(0, seeds).Select(index => Math.Exp(0.1 * index))];
        var factor = ReductionFactor.Between(Reached(spread), Reached(spread))!;
        // The variance of 0, 0.1, ... of n values is 0.01 n(n + 1) / 12.
        Assert.Equal(quantile * Math.Sqrt(2 * 0.01 * (seeds + 1) / 12), Math.Log(factor.High!.Value), 6);
    }

    [Fact]
    public void A_miss_bounds_the_factor_from_above_with_all_that_was_spent()
    {
        var factor = ReductionFactor.Between(Reached(100, 100, 100), [.. Reached(10, 10), Miss(1000)])!;
        Assert.Equal(Bound.AtMost, factor.Bound);
        // Geometric mean by hand: (10 · 10 · 1000)^(1/3) = 46.4159.
        Assert.Equal(100 / 46.4159, factor.Factor, 4);
        Assert.Null(factor.Low);
    }

    [Fact]
    public void A_baseline_that_missed_bounds_the_factor_from_below() =>
        Assert.Equal(Bound.AtLeast, ReductionFactor.Between([Miss(100)], Reached(10))!.Bound);

    [Fact]
    public void Misses_on_both_sides_say_nothing() => Assert.Null(ReductionFactor.Between([Miss(100)], [Miss(10)]));

    [Fact]
    public void A_diverged_trial_bounds_nothing() => Assert.Null(ReductionFactor.Between(Reached(100, 100), [.. Reached(10), null]));

    [Fact]
    public void A_crossing_with_too_few_evaluations_before_it_is_unresolved() =>
        Assert.False(ReductionFactor.Between(Reached(100), [new CostToTarget(10, Reached: true, Resolved: false)])!.Resolved);

    private static List<CostToTarget?> Reached(params double[] costs) =>
        [.. costs.Select(cost => new CostToTarget(cost, Reached: true, Resolved: true))];

    private static CostToTarget Crossed(double cost, int evaluation) => new(cost, Reached: true, Resolved: true, evaluation);

    private static CostToTarget Miss(double cost) => new(cost, Reached: false, Resolved: true);
}
