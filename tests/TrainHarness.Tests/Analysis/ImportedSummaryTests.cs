using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

/// <summary>
/// Factors of imported trials. The baseline here reaches 60 % after 3000 examples of 100 multiply-adds forward: 900,000 exact, 900,000 by
/// three times forward.
/// </summary>
public sealed class ImportedSummaryTests
{
    private const double Target = 0.6;

    private static readonly DateOnly Day = new(2012, 6, 1);

    [Theory]
    [InlineData(Convention.Exact)]
    [InlineData(Convention.Paper)]
    [InlineData(Convention.AiAndCompute)]
    public void The_baseline_by_the_same_convention_divides(Convention convention)
    {
        var entry = Summary(Trial(1, 50_000, 0.3, 0.7) with { Convention = new(convention, null) });
        // 900,000 against two evaluations of 50,000.
        Assert.Equal(9, entry.Factor!.Factor, 1e-9);
        Assert.Null(entry.WhyNone);
        Assert.Equal(
            ("alexnet.sgd-step6", (UInt128)100_000, 2000.0),
            (entry.DividedBy, entry.TrainingMacsToTarget!.Value.Count, entry.ExamplesToTarget!.Value)
        );
        Assert.False(entry.Factor.Resolved);
    }

    [Fact]
    public void The_two_counts_of_a_baseline_are_not_mixed()
    {
        // Its first layer has no grad-input: exact is less than three times forward.
        var results = Results(ledger => ledger with { GradInput = new Macs(ledger.GradInput.Count / 2) });
        var exact = Summary(results, Trial(1, 50_000, 0.7));
        var paper = Summary(results, Trial(1, 50_000, 0.7) with { Convention = new(Convention.Paper, null) });
        Assert.Equal(750_000 / 50_000.0, exact.Factor!.Factor, 1e-9);
        Assert.Equal(900_000 / 50_000.0, paper.Factor!.Factor, 1e-9);
    }

    [Fact]
    public void A_miss_is_a_bound()
    {
        var entry = Summary(Trial(1, 50_000, 0.3, 0.5));
        Assert.Equal(9, entry.Factor!.Factor, 1e-9);
        Assert.Equal(Bound.AtMost, entry.Factor.Bound);
        Assert.Equal((0, null), (entry.Reached, entry.TrainingMacsToTarget));
    }

    [Fact]
    public void Several_seeds_make_one_entry()
    {
        var entry = Assert.Single(Summaries(Results(), [Trial(1, 50_000, 0.7), Trial(2, 200_000, 0.7)]));
        // The geometric mean of 50,000 and 200,000.
        Assert.Equal(
            ((UInt128)100_000, 2, 9.0),
            (entry.TrainingMacsToTarget!.Value.Count, entry.Reached!.Value, Math.Round(entry.Factor!.Factor, 9))
        );
    }

    [Fact]
    public void What_was_counted_otherwise_is_divided_by_its_own_kind_alone()
    {
        var own = new StatedConvention(null, "twice the forward pass");
        var (alexnet, net) = (
            Trial(1, 80_000, 0.7) with
            {
                Architecture = "alexnet",
                Convention = own,
            },
            Trial(1, 20_000, 0.7) with
            {
                Convention = own,
            }
        );
        var alone = Assert.Single(Summaries(Results(), [net]));
        Assert.Equal((null, "counted as 'other: twice the forward pass', and no alexnet of its dataset is"), (alone.Factor, alone.WhyNone));
        var beside = Summaries(Results(), [alexnet, net])[1];
        Assert.Equal(4, beside.Factor!.Factor, 1e-9);
        Assert.Equal("alexnet, imported", beside.DividedBy);
        // Of several schedules the cheapest that reached the target divides; one that missed it is none.
        var dear = alexnet with { Recipe = "dear", Evaluations = Trial(1, 8_000_000, 0.7).Evaluations };
        var missed = alexnet with { Recipe = "missed", Evaluations = Trial(1, 10_000, 0.1).Evaluations };
        var best = Summaries(Results(), [missed, dear, alexnet, net]).Single(entry => entry.Architecture == "MyNet");
        Assert.Equal(("alexnet, imported", 4), (best.DividedBy, Math.Round(best.Factor!.Factor, 9)));
        var other = Summaries(Results(), [alexnet with { Convention = new(null, "another way") }, net])[1];
        Assert.Null(other.Factor);
    }

    [Fact]
    public void What_was_counted_otherwise_is_not_divided_by_another_dataset_and_itself_is_1_and_nothing_else()
    {
        var own = new StatedConvention(null, "twice the forward pass");
        List<ImportedTrial> baseline =
        [
            .. ((int[])[80_000, 90_000, 70_000]).Select(
                (macs, index) => Trial(index + 1, macs, 0.7) with { Architecture = "alexnet", Convention = own }
            ),
        ];
        var none = Study.AllEntries.ToDictionary(entry => entry.Name, _ => (IReadOnlyList<TrialResult>)[]);
        var summary = StudySummary.Of(Study, Target, none);
        var net = Trial(1, 20_000, 0.7) with { Convention = own, Dataset = "cifar100" };
        var entries = ImportedSummary.Of([.. baseline, net], Study, summary, none);
        Assert.Equal((1, null), (Math.Round(entries[0].Factor!.Factor, 12), entries[0].Factor!.Low));
        Assert.Equal(
            (null, "counted as 'other: twice the forward pass', and no alexnet of its dataset is"),
            (entries[1].Factor, entries[1].WhyNone)
        );
    }

    [Theory]
    [InlineData("top5", null, "shapes", "measured by top5, and not by top1")]
    [InlineData("top1", "crops:10", "shapes", "top1 of the signature crops:10, and not none")]
    [InlineData("top1", null, "imagenet", "on imagenet, and not on shapes")]
    public void What_does_not_compare_has_no_factor_and_says_why(string metric, string? signature, string dataset, string why)
    {
        var entry = Summary(Trial(1, 50_000, 0.7) with { Metric = metric, Signature = signature, Dataset = dataset });
        Assert.Equal((null, null, why), (entry.Factor, entry.Reached, entry.WhyNone));
        Assert.Equal(0.7, entry.FinalMetric);
    }

    [Fact]
    public void A_value_that_the_metric_cannot_have_is_not_divided()
    {
        // Per cent, where the metric is a part.
        var entry = Summary(Trial(1, 50_000, 70));
        Assert.Equal((null, "it has a top1 that cannot be"), (entry.Factor, entry.WhyNone));
        // Nor where it is one seed of several.
        var several = Assert.Single(Summaries(Results(), [Trial(1, 50_000, 0.7), Trial(2, 50_000, 70)]));
        Assert.Equal((null, "it has a top1 that cannot be"), (several.Factor, several.WhyNone));
    }

    [Fact]
    public void A_report_shows_them_as_imported()
    {
        var results = Results();
        var analysed = Reports.SampleReports.Of(Study, results).Analysed;
        var imported = Summaries(
            results,
            [Trial(1, 50_000, 0.3, 0.7), Trial(1, 1, 0.7) with { Architecture = "Elsewhere", Dataset = "imagenet" }]
        );
        var report = new StudyReport(analysed with { Imported = imported });
        var text = report.Markdown();
        Assert.Contains("## Imported\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "| MyNet | 2024-03-29 | PyTorch | exact | 1 of 1 | 70.0 % | 100.0 k | 2000 | 0:08 | alexnet.sgd-step6 | 9.00× unresolved |",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("No factor: Elsewhere: on imagenet, and not on shapes.", text, StringComparison.Ordinal);
        Assert.Contains("MyNet", report.Html([]), StringComparison.Ordinal);
        Assert.DoesNotContain("## Imported", new StudyReport(analysed).Markdown(), StringComparison.Ordinal);
    }

    private static TrainHarness.Protocol.Study Study { get; } =
        Samples.Study with
        {
            Seeds = [1],
            Target = new(Samples.Top1, Target, FromBaseline: true),
        };

    private static Dictionary<string, IReadOnlyList<TrialResult>> Results(Func<ComputeLedger, ComputeLedger>? change = null)
    {
        var trial = Samples.Trial(Study, Study.Baseline, 1, 100, Day, null, 0.2, 0.4, 0.6);
        var evaluations = trial.Evaluations.Select(evaluation =>
            evaluation with
            {
                Ledger = change?.Invoke(evaluation.Ledger) ?? evaluation.Ledger,
            }
        );
        return Study.AllEntries.ToDictionary(
            entry => entry.Name,
            entry => (IReadOnlyList<TrialResult>)(entry == Study.Baseline ? [trial with { Evaluations = [.. evaluations] }] : [])
        );
    }

    private static ImportedTrial Trial(int seed, long macs, params double[] curve) =>
        new()
        {
            Architecture = "MyNet",
            Published = new DateOnly(2024, 3, 29),
            Seed = seed,
            Dataset = "shapes",
            Metric = "top1",
            Convention = new(Convention.Exact, null),
            Framework = "PyTorch",
            Evaluations =
            [
                .. curve.Select(
                    (value, index) =>
                        new ImportedEvaluation(1000 * (index + 1), new Macs((UInt128)(macs * (index + 1))), 4 * (index + 1), value)
                ),
            ],
        };

    private static ImportedSummary Summary(ImportedTrial trial) => Summary(Results(), trial);

    private static ImportedSummary Summary(Dictionary<string, IReadOnlyList<TrialResult>> results, ImportedTrial trial) =>
        Assert.Single(Summaries(results, [trial]));

    private static IReadOnlyList<ImportedSummary> Summaries(
        Dictionary<string, IReadOnlyList<TrialResult>> results,
        IReadOnlyList<ImportedTrial> trials
    ) => ImportedSummary.Of(trials, Study, StudySummary.Of(Study, Target, results), results);
}
