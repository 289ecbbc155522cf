using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

public sealed class ThresholdCurveTests
{
    private static readonly DateOnly Old = new(2012, 6, 1);
    private static readonly DateOnly New = new(2015, 12, 10);
    private static readonly Study Study = Samples.Study with { Seeds = [1], Target = new Target(Samples.Top1, 0.5, FromBaseline: true) };

    // 12 evaluations are the 6 epochs of the whole schedule. The stepped baseline is flat near its end; the smoothed one stopped at its
    // target.
    private static readonly double[] Stepped = [0.1, 0.2, 0.3, 0.4, 0.45, 0.46, 0.47, 0.48, 0.493, 0.499, 0.4995, 0.5];
    private static readonly double[] Smoothed = [0.1, 0.15, 0.2, 0.25, 0.3, 0.33, 0.36, 0.4, 0.45, 0.48, 0.5];
    private static readonly double[] Resnet = [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.48, 0.55, 0.58, 0.6];

    [Fact]
    public void A_factor_at_another_level_is_worked_out_at_that_level()
    {
        var curve = Curve(Stepped, Smoothed, Resnet);
        // At 0.4 the stepped schedule crosses at 4000 examples of 300 multiply-adds, before the smoothed one at 8000; ResNet at 5000 of 60.
        var point = curve.Points.Single(point => point.Threshold == 0.4);
        Assert.Equal("alexnet.sgd-step6", point.Baseline);
        Assert.Equal(4000 * 300 / (5000 * 60.0), Factor(point, "resnet18.sgd-smooth6").Factor, 9);
        // At the target the smoothed one is the cheaper: 11000 against 12000.
        Assert.Equal("alexnet.sgd-smooth6", curve.AtTarget!.Baseline);
        Assert.Equal(11000 * 300 / (8000 * 60.0), Factor(curve.AtTarget, "resnet18.sgd-smooth6").Factor, 9);
    }

    [Fact]
    public void The_target_less_four_thousandths_shows_how_much_hangs_on_the_last_of_the_baseline()
    {
        var curve = Curve(Stepped, Stepped, Resnet);
        Assert.Equal(0.498, curve.Sensitivity!.Threshold, 12);
        // 0.498 is crossed at evaluation 10 of 12: ten twelfths of the factor, as 62 of 90 epochs made 30x of the paper's 44x.
        Assert.Equal(
            Factor(curve.AtTarget!, "resnet18.sgd-smooth6").Factor * 10 / 12,
            Factor(curve.Sensitivity, "resnet18.sgd-smooth6").Factor,
            9
        );
    }

    [Fact]
    public void The_curve_ends_where_the_first_trial_stopped_at_its_target()
    {
        // The smoothed baseline stopped at 0.5, so that nobody knows whether it would have reached 0.55.
        Assert.Equal(0.5, Curve(Stepped, Smoothed, Resnet).Best);
        Assert.Equal(0.5, Curve(Stepped, Smoothed, Resnet).Points[^1].Threshold);
    }

    [Fact]
    public void Where_every_trial_ran_its_whole_schedule_the_curve_goes_on_and_factors_become_bounds()
    {
        double[] resnet = [.. Resnet, 0.61, 0.62];
        var curve = Curve(Stepped, Stepped, resnet);
        Assert.Equal(0.62, curve.Best);
        var beyond = Factor(curve.Points.Single(point => point.Threshold == 0.6), "resnet18.sgd-smooth6");
        // All that the baseline spent, 12000 of 300, against 10000 of 60.
        Assert.Equal((Bound.AtLeast, 6.0), (beyond.Bound!.Value, Math.Round(beyond.Factor, 9)));
    }

    [Fact]
    public void A_miss_keeps_its_factors_below_and_bounds_them_above_what_it_reached()
    {
        var curve = Curve(Stepped, Smoothed, [0.1, 0.2, 0.3, 0.35, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4]);
        Assert.Null(Factor(curve.Points.Single(point => point.Threshold == 0.4), "resnet18.sgd-smooth6").Bound);
        Assert.Equal(Bound.AtMost, Factor(curve.AtTarget!, "resnet18.sgd-smooth6").Bound);
    }

    [Fact]
    public void Levels_are_above_chance_in_order_and_hold_the_target()
    {
        var levels = Curve(Stepped, Smoothed, Resnet).Points.Select(point => point.Threshold).ToList();
        Assert.Equal(levels.Order(), levels);
        Assert.All(levels, level => Assert.InRange(level, 0.1001, 0.5));
        Assert.Contains(0.5, levels);
        Assert.InRange(levels.Count, 30, 65);
    }

    [Fact]
    public void A_level_where_the_baseline_crawls_is_called_flat_and_one_where_it_climbs_is_not()
    {
        var curve = Curve(Stepped, Stepped, Resnet);
        Assert.True(curve.AtTarget!.BaselineIsFlat);
        Assert.False(curve.Points.Single(point => point.Threshold == 0.4).BaselineIsFlat);
    }

    [Fact]
    public void The_other_direction_bounds_what_the_old_network_would_need_for_the_new_level()
    {
        var extra = Curve(Stepped, Smoothed, Resnet).NewLevels.Single();
        Assert.Equal(("resnet18.sgd-smooth6", 0.6, "alexnet.sgd-step6"), (extra.Entry, extra.Level, extra.Baseline));
        // At least its whole schedule, 12000 of 300 multiply-adds, against 10000 of 60.
        Assert.Equal((Bound.AtLeast, 6.0), (extra.Extra.Bound!.Value, Math.Round(extra.Extra.Factor, 9)));
    }

    [Fact]
    public void A_level_that_the_old_network_reached_is_no_bound()
    {
        var extra = Curve(Stepped, Stepped, [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.48, 0.49, 0.5, 0.5, 0.5, 0.5]).NewLevels.Single();
        Assert.Equal((0.5, null), (extra.Level, extra.Extra.Bound));
        Assert.Equal(12000 * 300 / (9000 * 60.0), extra.Extra.Factor, 9);
    }

    [Fact]
    public void A_level_below_the_target_is_no_new_level() =>
        Assert.Empty(Curve(Stepped, Stepped, [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45, 0.45]).NewLevels);

    [Fact]
    public void A_baseline_that_dips_on_its_plateau_is_as_flat_as_one_that_does_not()
    {
        // The evaluation before the last fifth fell by four points: that is no climb.
        double[] dipping = [0.1, 0.2, 0.3, 0.4, 0.45, 0.47, 0.48, 0.495, 0.455, 0.497, 0.499, 0.5];
        Assert.True(Curve(dipping, dipping, Resnet).AtTarget!.BaselineIsFlat);
    }

    [Fact]
    public void Another_schedule_of_the_baselines_network_divides_at_its_own_rate_and_no_other_rate_or_part_of_the_data_does()
    {
        var variant = EntryVariant.Parse("lr-0.05")!;
        Assert.Equal("alexnet.sgd-smooth6", Dividing(Study.Entries[0] with { Variant = variant }));
        Assert.Equal("alexnet.sgd-step6", Dividing(Study.Baseline with { Name = "alexnet.sgd-step6.lr-0.05", Variant = variant }));
        var part = EntryVariant.Parse("data-0.5")!;
        Assert.Equal("alexnet.sgd-step6", Dividing(Study.Entries[0] with { Name = "alexnet.sgd-smooth6.data-0.5", Variant = part }));

        static string Dividing(Entry cheaper)
        {
            var study = Study with { Entries = [cheaper, Study.Entries[1]] };
            var results = new Dictionary<string, IReadOnlyList<TrialResult>>
            {
                [study.Baseline.Name] = [Samples.Trial(study, study.Baseline, 1, 100, Old, null, Stepped)],
                [cheaper.Name] = [Samples.Trial(study, cheaper, 1, 100, Old, 0.5, Smoothed)],
                [study.Entries[1].Name] = [Samples.Trial(study, study.Entries[1], 1, 20, New, 0.5, Resnet)],
            };
            return StudySummary.Of(study, 0.5, results).Baseline;
        }
    }

    [Fact]
    public void Diverged_trials_say_nothing_at_any_level()
    {
        var results = Results(Stepped, Smoothed, Resnet);
        var resnet = Study.Entries[1].Name;
        results[resnet] = [results[resnet][0] with { Record = results[resnet][0].Record with { Outcome = Outcome.Diverged } }];
        var curve = StudySummary.Of(Study, 0.5, results).Curve!;
        Assert.All(curve.Points, point => Assert.Null(point.Factors.Single(factor => factor.Entry == resnet).Factor));
        Assert.Empty(curve.NewLevels);
    }

    private static ReductionFactor Factor(ThresholdPoint point, string entry) =>
        point.Factors.Single(factor => factor.Entry == entry).Factor!;

    private static ThresholdCurve Curve(double[] stepped, double[] smoothed, double[] resnet) =>
        StudySummary.Of(Study, 0.5, Results(stepped, smoothed, resnet)).Curve!;

    private static Dictionary<string, IReadOnlyList<TrialResult>> Results(double[] stepped, double[] smoothed, double[] resnet) =>
        new()
        {
            [Study.Baseline.Name] = [Samples.Trial(Study, Study.Baseline, 1, 100, Old, null, stepped)],
            [Study.Entries[0].Name] = [Samples.Trial(Study, Study.Entries[0], 1, 100, Old, 0.5, smoothed)],
            [Study.Entries[1].Name] = [Samples.Trial(Study, Study.Entries[1], 1, 20, New, 0.5, resnet)],
        };
}
