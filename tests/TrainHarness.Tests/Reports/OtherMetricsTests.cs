using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Charts;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports;

/// <summary>Studies whose metric is no part from 0 to 1, from their files to their reports.</summary>
public sealed class OtherMetricsTests : IDisposable
{
    private static readonly DateOnly Old = new(2012, 6, 1);
    private static readonly DateOnly New = new(2015, 12, 10);

    private static readonly Metric Bleu = new()
    {
        Name = "bleu",
        Better = Better.More,
        Unit = MetricUnit.Points,
        Min = 0,
        Max = 100,
        Signature = "nrefs:1|case:lc|tok:none|smooth:exp",
    };

    private static readonly Metric Elo = new()
    {
        Name = "elo",
        Better = Better.More,
        Unit = MetricUnit.Number,
    };

    // 12 evaluations are the whole schedule. The target, 1, is crossed at the ninth; the last fifth of the way there starts at 1.2.
    private static readonly double[] Falling = [2.3, 2.1, 1.9, 1.7, 1.5, 1.3, 1.2, 1.1, 1, 0.95, 0.9, 0.92];
    private static readonly double[] Slow = [2.3, 2.2, 2.1, 2, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2];
    private static readonly double[] Fast = [2.3, 2, 1.8, 1.5, 1.2, 0.9, 0.8, 0.8];

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;
    private readonly ResultStore store;

    public OtherMetricsTests() => store = new ResultStore(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_study_with_a_falling_metric_is_reported_as_worked_out_by_hand()
    {
        var report = Written(Of(Samples.Loss, 1), Falling, Slow, Fast);
        var entries = report.Analysed.Summary.Entries.ToDictionary(entry => entry.Architecture + entry.Reached);
        // 300 multiply-adds × 9000 examples against 60 × 6000.
        Assert.Equal(7.5, entries["resnet181"].ReductionFactor!.Value, 9);
        Assert.Equal((true, null), (entries["resnet181"].Resolved, entries["resnet181"].Bound));
        // 9000 examples against a miss after 12000.
        Assert.Equal((0.75, Bound.AtMost), (Math.Round(entries["alexnet0"].ReductionFactor!.Value, 9), entries["alexnet0"].Bound));
        Assert.Equal(
            new CrossingRecord(5, 5, 5000, 6000, new Macs(360_000), 9),
            report.Analysed.Results["resnet18.sgd-smooth6"][0].Record.Crossing
        );

        var text = report.Markdown();
        Assert.Contains(
            "**resnet18** reached alexnet's level, a loss of at most 1, with **7.50×** less training compute than alexnet.sgd-step6",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("had another loss been the target, down to 0.8, the lowest that all trials cover.", text, StringComparison.Ordinal);
        Assert.Contains("evaluation by evaluation (chance is 2.303)", text, StringComparison.Ordinal);
        Assert.Contains("| epoch | examples | training multiply-adds | loss |\n", text, StringComparison.Ordinal);
        Assert.Contains("bars stand between 0 and 2.3:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("99.6 %", text, StringComparison.Ordinal);
        Assert.DoesNotContain("loss of 1", text, StringComparison.Ordinal);
        var csv = EfficiencyCsv.Of(report.Analysed.Summary, new Dictionary<string, string>());
        Assert.Contains("\nloss <= 1 in sample,", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void The_levels_of_a_falling_metric_go_down_from_chance_to_the_lowest_that_all_trials_cover()
    {
        var curve = Written(Of(Samples.Loss, 1), Falling, Slow, Fast).Analysed.Summary.Curve!;
        var levels = curve.Points.Select(point => point.Threshold).ToList();
        Assert.Equal(levels.OrderDescending(), levels);
        Assert.All(levels, level => Assert.InRange(level, 0.8, Math.Log(10)));
        Assert.InRange(levels.Count, 25, 62);
        Assert.Equal((0.8, 0.8, 1.0, null), (curve.Best, levels[^1], curve.AtTarget!.Threshold, curve.Sensitivity));
        // 1.5 is crossed at the fifth, the ninth and the fourth evaluation.
        var point = curve.Points.Single(point => point.Threshold == 1.5);
        Assert.Equal("alexnet.sgd-step6", point.Baseline);
        Assert.Equal(300 * 5 / (60 * 4.0), point.Factors.Single(factor => factor.Entry == "resnet18.sgd-smooth6").Factor!.Factor, 9);
        // What the old network would need for a loss of 0.8, which it never had: all of its 12000 examples against 7000.
        var extra = curve.NewLevels.Single();
        Assert.Equal((0.8, Bound.AtLeast), (extra.Level, extra.Extra.Bound!.Value));
        Assert.Equal(300 * 12 / (60 * 7.0), extra.Extra.Factor, 9);
    }

    [Fact]
    public void A_baseline_that_falls_by_less_than_a_point_over_the_last_fifth_of_its_way_is_flat()
    {
        // A point is ln(10) / 100 = 0.023.
        double[] crawling = [2.3, 2, 1.5, 1.2, 1.1, 1.05, 1.03, 1.01, 1.004, 1.002, 1, 1];
        Assert.True(Written(Of(Samples.Loss, 1), crawling, Slow, Fast).Analysed.Summary.Curve!.AtTarget!.BaselineIsFlat);
        Assert.False(Written(Of(Samples.Loss, 1), Falling, Slow, Fast).Analysed.Summary.Curve!.AtTarget!.BaselineIsFlat);
        var report = Written(Of(Samples.Loss, 1), crawling, Slow, Fast);
        Assert.Contains(report.Findings(), finding =>
            finding.Contains("over the last fifth of its way it gained less than 0.02303.", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_falling_target_at_chance_and_a_trial_that_rose_again_are_said_to_be_so()
    {
        var report = Written(Of(Samples.Loss, 1), Falling, Slow, [2.3, 2, 1.8, 1.5, 1.2, 0.9, 1.1, 1.2]);
        Assert.Contains(
            "resnet18.sgd-smooth6: 1 of 1 trials ended above the target after having crossed it; it crossed by a little, or by luck.",
            report.Findings()
        );
        var atChance = Written(Of(Samples.Loss, 2.5), Falling, Slow, Fast);
        Assert.Contains(atChance.Findings(), finding =>
            finding.StartsWith("The target, a loss of at most 2.5, is not below chance (2.303)", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_baseline_sets_the_largest_of_its_final_losses_as_the_target()
    {
        var study = Samples.Study with { Target = new Target(Samples.Loss, null, FromBaseline: true) };
        foreach (var (seed, last) in new[] { (1, 0.9), (2, 0.95) })
        {
            var trial = Samples.Trial(study, study.Baseline, seed, 100, Old, null, 2.3, 0.8, last);
            store.Write(trial.Record, trial.Evaluations);
        }

        var measured = new MeasuredStudy(study, store);
        Assert.Equal(0.95, measured.Threshold());
        measured.WriteStudy();
        var written = StudyReader.ReadResolved(store.StudyFile);
        Assert.Equal((Samples.Loss, 0.95), (written.Target.Metric, written.Target.Threshold));
        Assert.Equal(TrialFingerprint.Of(study, study.Baseline), TrialFingerprint.Of(written, written.Baseline));
    }

    [Fact]
    public void A_scan_by_a_falling_metric_names_the_rate_that_ends_lowest()
    {
        var study = Of(Samples.Loss, 1) with
        {
            Scan = new ScanRule
            {
                LearningRates = [0.01, 0.02, 0.04],
                Epochs = null,
                TrainFraction = 1,
            },
        };
        var scan = LearningRateScan.Of(study);
        double[][] curves =
        [
            [2.3, 2],
            [2.3, 1.5],
            [2.3, 1.7],
            [2.3, 2.2],
            [2.3, 2.25],
            [2.3, 2.3],
            [2.3, 2],
            [2.3, 1.9],
            [2.3, 1.8],
        ];
        var results = scan
            .AllEntries.Zip(curves)
            .ToDictionary(
                pair => pair.First.Name,
                pair => (IReadOnlyList<TrialResult>)[Samples.Trial(scan, pair.First, 1, 100, Old, null, pair.Second)]
            );
        var summary = ScanSummary.Of(scan, results);
        // The second entry has not got a twentieth of the way from ln 10 = 2.303 to 0, to 2.187.
        Assert.Equal([0.02, null, 0.04], summary.Entries.Select(entry => entry.Best));
        var text = new ScanReport(scan, summary, results).Markdown();
        Assert.Contains("| alexnet.sgd-step6 | 2 | **1.5** | 1.7 |", text, StringComparison.Ordinal);
        Assert.Contains("alexnet.sgd-smooth6: no rate left chance (2.303) in so short a try", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_without_bounds_or_chance_is_reported_from_its_first_evaluation_on()
    {
        double[] old = [-300, -100, 100, 300, 600, 900, 1100, 1250, 1400, 1500, 1550, 1560];
        double[] @new = [-250, 200, 700, 1000, 1300, 1523.4, 1600, 1600];
        var report = Written(Of(Elo, 1500), old, [.. old.Select(value => value - 400)], @new);
        // 10000 examples of 300 against 6000 of 60.
        Assert.Equal(
            300 * 10 / (60 * 6.0),
            report.Analysed.Summary.Entries.Single(entry => entry.Architecture == "resnet18").ReductionFactor!.Value,
            9
        );
        var curve = report.Analysed.Summary.Curve!;
        var levels = curve.Points.Select(point => point.Threshold).ToList();
        Assert.Equal(levels.Order(), levels);
        // The slower baseline starts at -700.
        Assert.All(levels, level => Assert.InRange(level, -699.999, 1600));
        Assert.Equal((1600.0, null), (curve.Best, curve.Sensitivity));
        var text = report.Markdown();
        Assert.Contains("reached alexnet's level, an elo of 1500, with **8.33×** less", text, StringComparison.Ordinal);
        Assert.Contains("bars stand between -700 and 1600:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("chance", text, StringComparison.Ordinal);
        var axis = report.Charts().Single(chart => chart.Name == "compute");
        Assert.True(AxisRange.Up(axis) is { Low: < -700, High: > 1600 });
    }

    [Fact]
    public void Points_of_a_hundred_are_written_as_such_and_their_signature_stands_in_the_report()
    {
        double[] old = [0, 2, 8, 14, 20, 25, 29, 31, 33, 34.8, 35, 35.2];
        var report = Written(Of(Bleu, 34.8), old, [.. old.Select(value => value / 2)], [0, 5, 15, 25, 30, 35, 36, 36]);
        var text = report.Markdown();
        Assert.Contains("a bleu of 34.8, with", text, StringComparison.Ordinal);
        Assert.Contains("(99.6 % of it)", text, StringComparison.Ordinal);
        Assert.Contains("a bar's full height is 100", text, StringComparison.Ordinal);
        Assert.Contains("The signature of bleu is `nrefs:1|case:lc|tok:none|smooth:exp`", text, StringComparison.Ordinal);
        Assert.Equal(34.8 * 0.996, report.Analysed.Summary.Curve!.Sensitivity!.Threshold, 12);
        var up = AxisRange.Up(report.Charts().Single(chart => chart.Name == "compute"));
        Assert.Equal(0, up.Low);
    }

    [Fact]
    public void A_trial_of_another_signature_is_refused()
    {
        double[] curve = [0, 2, 8, 14, 20, 25, 36];
        var study = Of(Bleu, 34.8);
        Write(study, curve, curve, curve);
        // As if another tokenizer had been used, and everything else forged to fit.
        var other = Samples.Trial(
            study with
            {
                Target = study.Target with { Metric = Bleu with { Signature = "nrefs:1|case:lc|tok:13a|smooth:exp" } },
            },
            study.Entries[1],
            1,
            20,
            New,
            34.8,
            curve
        );
        store.Write(other.Record with { ConfigurationSha256 = TrialFingerprint.Of(study, study.Entries[1]) }, other.Evaluations);
        var error = Assert.Throws<ConfigurationException>(() => StudyReport.Read(store));
        Assert.Contains("tok:13a", error.Message, StringComparison.Ordinal);
        Assert.Contains("tok:none", error.Message, StringComparison.Ordinal);
        Assert.Contains("the two do not compare", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        // And the signature is part of what a trial measures.
        Assert.NotEqual(other.Record.ConfigurationSha256, TrialFingerprint.Of(study, study.Entries[1]));
    }

    private static Study Of(Metric metric, double threshold) =>
        Samples.Study with
        {
            Seeds = [1],
            Target = new Target(metric, threshold, FromBaseline: false),
        };

    private StudyReport Written(Study study, double[] stepped, double[] smoothed, double[] resnet)
    {
        Write(study, stepped, smoothed, resnet);
        return StudyReport.Read(store);
    }

    private void Write(Study study, double[] stepped, double[] smoothed, double[] resnet)
    {
        var threshold = study.Target.Threshold;
        TrialResult[] trials =
        [
            Samples.Trial(study, study.Baseline, 1, 100, Old, threshold, stepped),
            Samples.Trial(study, study.Entries[0], 1, 100, Old, threshold, smoothed),
            Samples.Trial(study, study.Entries[1], 1, 20, New, threshold, resnet),
        ];
        foreach (var trial in trials)
            store.Write(trial.Record, trial.Evaluations);
        new MeasuredStudy(study, store).WriteStudy();
    }
}
