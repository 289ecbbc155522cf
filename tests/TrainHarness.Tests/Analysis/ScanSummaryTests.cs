using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

public sealed class ScanSummaryTests
{
    private static readonly DateOnly Date = new(2014, 4, 23);
    private static readonly Study Study = Samples.Study with
    {
        Scan = new ScanRule
        {
            LearningRates = [0.01, 0.02, 0.04],
            Epochs = 2,
            TrainFraction = 0.5,
        },
    };
    private static readonly Study Scan = LearningRateScan.Of(Study);

    [Fact]
    public void The_scan_of_a_study_has_every_entry_with_every_rate_of_the_grid_and_one_seed()
    {
        Assert.Equal("sample-scan", Scan.Name);
        Assert.Equal(
            [
                "alexnet.sgd-step6.lr-0.01/seed-1",
                "alexnet.sgd-step6.lr-0.02/seed-1",
                "alexnet.sgd-step6.lr-0.04/seed-1",
                "alexnet.sgd-smooth6.lr-0.01/seed-1",
                "alexnet.sgd-smooth6.lr-0.02/seed-1",
                "alexnet.sgd-smooth6.lr-0.04/seed-1",
                "resnet18.sgd-smooth6.lr-0.01/seed-1",
                "resnet18.sgd-smooth6.lr-0.02/seed-1",
                "resnet18.sgd-smooth6.lr-0.04/seed-1",
            ],
            Scan.Trials.Select(trial => trial.Id)
        );
        Assert.All(Scan.AllEntries, entry => Assert.Equal(2, entry.Recipe.Epochs));
        Assert.All(Scan.AllEntries, entry => Assert.True(Scan.RunsWithoutTarget(entry)));
        Assert.Equal((0.5, StopRule.AtScheduleEnd), (ImageSettings.Of(Scan).Subset.TrainFraction, Scan.Stop));
    }

    [Fact]
    public void A_wider_grid_leaves_what_was_scanned_as_it_is_and_a_longer_try_does_not()
    {
        var entry = Scan.Entries[0];
        var wider = LearningRateScan.Of(Study with { Scan = Study.Scan! with { LearningRates = [0.001, 0.02] } });
        Assert.Equal(
            TrialFingerprint.Of(Scan, entry),
            TrialFingerprint.Of(wider, wider.AllEntries.First(other => other.Name == entry.Name))
        );
        var longer = LearningRateScan.Of(Study with { Scan = Study.Scan! with { Epochs = 3 } });
        Assert.NotEqual(
            TrialFingerprint.Of(Scan, entry),
            TrialFingerprint.Of(longer, longer.AllEntries.First(other => other.Name == entry.Name))
        );
        // What a study says of its scan is no part of what its own trials measure.
        Assert.Equal(TrialFingerprint.Of(Samples.Study, Study.Baseline), TrialFingerprint.Of(Study, Study.Baseline));
    }

    [Fact]
    public void An_entry_whose_best_rate_lay_at_the_edge_is_tried_with_further_ones()
    {
        var further = new Dictionary<string, IReadOnlyList<double>> { ["alexnet.sgd-smooth6"] = [0.005] };
        var wider = LearningRateScan.Of(Study with { Scan = Study.Scan! with { Further = further } });
        var added = Assert.Single(wider.AllEntries.Except(Scan.AllEntries));
        Assert.Equal("alexnet.sgd-smooth6.lr-0.005", added.Name);
        Assert.Equal(Scan.AllEntries, wider.AllEntries.Except([added]));
    }

    [Fact]
    public void An_entry_with_rates_of_its_own_is_tried_with_those_alone_and_the_report_says_so()
    {
        var own = new Dictionary<string, IReadOnlyList<double>> { ["alexnet.sgd-smooth6"] = [0.35, 0.7] };
        var other = LearningRateScan.Of(Study with { Scan = Study.Scan! with { Instead = own } });
        Assert.Equal(
            ["alexnet.sgd-smooth6.lr-0.35", "alexnet.sgd-smooth6.lr-0.7"],
            other.AllEntries.Select(entry => entry.Name).Where(name => name.StartsWith("alexnet.sgd-smooth6", StringComparison.Ordinal))
        );
        Assert.Equal(2, other.AllEntries.Except(Scan.AllEntries).Count());
        Assert.Equal("a grid of their own for some entries", Grids(other));
        Assert.Equal("one grid for all entries", Grids(Scan));
        var further = LearningRateScan.Of(Study with { Scan = Study.Scan! with { Further = own } });
        Assert.Equal("3 rates for all entries and others for some", Grids(further));
        var part = new Dictionary<string, IReadOnlyList<double>> { ["alexnet.sgd-smooth6"] = [0.02, 0.7] };
        Assert.Equal(
            "1 rate for all entries and others for some",
            Grids(LearningRateScan.Of(Study with { Scan = Study.Scan! with { Instead = part } }))
        );

        static string Grids(Study scan) =>
            Measurement.Grids(ScanSummary.Of(scan, scan.AllEntries.ToDictionary(entry => entry.Name, _ => (IReadOnlyList<TrialResult>)[])));
    }

    [Fact]
    public void The_best_rate_is_the_one_that_ends_highest_and_an_edge_of_the_grid_is_said_to_be_one()
    {
        var summary = Summary(
            [
                [0.1, 0.3],
                [0.1, 0.5],
                [0.6, 0.4],
            ],
            [
                [0.1, 0.7],
                [0.1, 0.5],
                [0.1, 0.4],
            ],
            [
                [0.1, 0.3],
                [0.1, 0.3],
                [0.1, 0.2],
            ]
        );

        Assert.Equal([0.02, 0.01, 0.01], summary.Entries.Select(entry => entry.Best!.Value));
        Assert.Equal([false, true, true], summary.Entries.Select(entry => entry.IsAtEdge));
        // Nine trials of 2000 examples, 3 · 100 multiply-adds each.
        Assert.Equal("5400000", summary.TrainingMacs.ToString());
    }

    [Fact]
    public void An_entry_that_stays_at_chance_has_no_best_rate()
    {
        // Chance is 10 %.
        var summary = Summary(
            [
                [0.1, 0.11],
                [0.1, 0.14],
                [0.1, 0.1],
            ],
            [
                [0.1, 0.11],
                [0.1, 0.16],
                [0.1, 0.1],
            ],
            [
                [0.1, 0.3],
                [0.1, 0.5],
                [0.1, 0.2],
            ]
        );
        Assert.Equal([null, 0.02, 0.02], summary.Entries.Select(entry => entry.Best));
    }

    [Fact]
    public void A_diverged_rate_is_never_the_best_and_a_missing_one_leaves_the_question_open()
    {
        var results = Results(
            [
                [0.1, 0.3],
                [0.1, 0.5],
                [0.1, 0.4],
            ],
            [
                [0.1, 0.3],
                [0.1, 0.5],
                [0.1, 0.4],
            ],
            [
                [0.1, 0.3],
                [0.1, 0.5],
                [0.1, 0.4],
            ]
        );
        var (diverged, missing) = (Scan.AllEntries.ElementAt(1).Name, Scan.AllEntries.ElementAt(3).Name);
        results[diverged] =
        [
            .. results[diverged].Select(trial => trial with { Record = trial.Record with { Outcome = Outcome.Diverged } }),
        ];
        results[missing] = [];
        var summary = ScanSummary.Of(Scan, results);

        Assert.Equal([0.04, null, 0.02], summary.Entries.Select(entry => entry.Best));
        var text = new ScanReport(Scan, summary, results).Markdown();
        Assert.Contains("| alexnet.sgd-step6 | 30.0 % | diverged | **40.0 %** |", text, StringComparison.Ordinal);
        Assert.Contains(
            "- alexnet.sgd-step6: best at alexnet.sgd-step6.lr-0.04, at the edge of the grid: a better one may lie beyond.",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("- alexnet.sgd-smooth6: 1 of 3 rates are not tried yet.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_says_which_entries_do_not_run_at_the_best_rate_of_their_scan()
    {
        var scan = Summary(
            [
                [0.1, 0.5],
                [0.1, 0.3],
                [0.1, 0.2],
            ],
            [
                [0.1, 0.3],
                [0.1, 0.5],
                [0.1, 0.2],
            ],
            [
                [0.1, 0.3],
                [0.1, 0.5],
                [0.1, 0.2],
            ]
        );
        // Samples train at 0.01, whatever the entry.
        var results = Study.AllEntries.ToDictionary(
            entry => entry.Name,
            entry => (IReadOnlyList<TrialResult>)[Samples.Trial(Study, entry, 1, 100, Date, null, [0.5])]
        );

        Assert.Equal(
            [
                "alexnet.sgd-step6: the best learning rate of its scan, 0.01, is at the edge of the grid; a better one may lie beyond.",
                "alexnet.sgd-smooth6 ran at learning rate 0.01; the best of its scan is 0.02.",
                "resnet18.sgd-smooth6 ran at learning rate 0.01; the best of its scan is 0.02.",
            ],
            Findings.OfScan(Study, scan, results)
        );
        Assert.Equal(
            ["The learning rates are not the result of a scan: 'trainharness study scan' tries the grid of this study."],
            Findings.OfScan(Study, null, results)
        );
        Assert.Empty(Findings.OfScan(Samples.Study, scan, results));
    }

    [Fact]
    public void What_is_about_to_run_at_another_rate_than_the_best_of_its_scan_is_said_before_it_runs()
    {
        var best = new double[][] { [0.1, 0.3], [0.1, 0.5], [0.1, 0.2] };
        var scan = Summary(
            best,
            best,
            [
                [0.1, 0.1],
                [0.1, 0.1],
                [0.1, 0.1],
            ]
        );
        List<(Entry, double)> pending = [(Study.Baseline, 0.01), (Study.Entries[0], 0.02), (Study.Entries[1], 0.04)];

        Assert.Equal(
            [
                "alexnet.sgd-step6 is about to run at learning rate 0.01; the best of its scan is 0.02.",
                "resnet18.sgd-smooth6: its learning rate, 0.04, is not the result of a scan.",
            ],
            Findings.BeforeRun(scan, pending)
        );
        Assert.Equal(
            ["The learning rates are not the result of a scan: 'trainharness study scan' tries the grid of this study."],
            Findings.BeforeRun(null, pending)
        );
        Assert.Empty(Findings.BeforeRun(null, []));
    }

    private static ScanSummary Summary(double[][] stepped, double[][] smoothed, double[][] resnet) =>
        ScanSummary.Of(Scan, Results(stepped, smoothed, resnet));

    private static Dictionary<string, IReadOnlyList<TrialResult>> Results(params double[][][] curves) =>
        Scan
            .AllEntries.Zip(curves.SelectMany(curve => curve))
            .ToDictionary(
                pair => pair.First.Name,
                pair => (IReadOnlyList<TrialResult>)[Samples.Trial(Scan, pair.First, 1, 100, Date, null, pair.Second)]
            );
}
