using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

public sealed class SensitivityTests
{
    private const string Entry = "resnet18.sgd-smooth6";

    private static readonly Study Study = Samples.Study with { Seeds = [1], Target = new Target(Samples.Top1, 0.5, FromBaseline: true) };

    // 12 evaluations are the whole schedule. One of the baseline costs 300,000 multiply-adds more, one of the entry 60,000.
    private static readonly double[] Stepped = [0.1, 0.2, 0.3, 0.4, 0.45, 0.46, 0.47, 0.48, 0.485, 0.488, 0.492, 0.5];
    private static readonly double[] Smoothed = [0.1, 0.15, 0.2, 0.25, 0.3, 0.33, 0.36, 0.4, 0.45, 0.46, 0.47, 0.48];
    private static readonly double[] Resnet = [0.1, 0.2, 0.3, 0.35, 0.4, 0.47, 0.51, 0.48, 0.52];

    [Fact]
    public void The_sustained_crossing_is_the_evaluation_that_no_worse_one_followed() =>
        Assert.Equal(12 * 300 / (9 * 60.0), Of("sustained crossing")!.Factor, 9);

    // The baseline meets 0.5 exactly at evaluation 12; the entry three quarters of the way from its 6th, 0.47, to its 7th, 0.51.
    [Fact]
    public void The_interpolated_crossing_lies_where_the_line_between_two_evaluations_meets_the_target() =>
        Assert.Equal(12 * 300 / (6.75 * 60), Of("interpolated crossing")!.Factor, 9);

    [Fact]
    public void Two_points_lower_the_baseline_is_cheaper_and_two_points_higher_the_records_cannot_say()
    {
        // 0.48 at evaluation 8 of the stepped schedule, which is cheaper there than the smoothed one's 12.
        Assert.Equal(8 * 300 / (7 * 60.0), Of("target −2 points")!.Factor, 9);
        // At 0.52 the baseline, which ran its whole schedule, is a miss: all that it spent is a bound. The entry reached it at its last
        // evaluation.
        Assert.Equal(Bound.AtLeast, Of("target +2 points")!.Bound);
        Assert.Equal(12 * 300 / (9 * 60.0), Of("target +2 points")!.Factor, 9);
        // The entry stopped at 0.52 when its budget was not spent: nobody knows when it would have reached more.
        Assert.Null(Of("target +2 points", [0.1, 0.2, 0.3, 0.35, 0.4, 0.47, 0.51, 0.51, 0.51]));
    }

    // The smoothed schedule stopped at 0.5 after 8 evaluations: what it would have needed for 0.51 nobody knows.
    [Fact]
    public void A_schedule_that_stopped_before_a_harder_target_may_be_the_cheapest_and_the_records_cannot_say()
    {
        double[] stopped = [0.1, 0.2, 0.3, 0.4, 0.45, 0.47, 0.49, 0.5];
        double[] harder = [.. Stepped[..^1], 0.52];
        var sensitivity = Report([harder], [Resnet], stopped).Analysed.Summary.Sensitivity!;
        Assert.Null(FactorOf(sensitivity, "target +1 point"));
        Assert.Null(FactorOf(sensitivity, "target +2 points"));
        Assert.NotNull(FactorOf(sensitivity, "target −1 point"));
        // Where it had spent more than the stepped one needed, it is not the cheapest, whatever it would have done.
        double[] soon = [0.1, 0.2, 0.3, 0.4, 0.45, 0.52, 0.52, 0.52, 0.52, 0.52, 0.52, 0.52];
        var known = Report([soon], [Resnet], stopped).Analysed.Summary.Sensitivity!;
        Assert.Equal(6 * 300 / (9 * 60.0), FactorOf(known, "target +2 points")!.Factor, 9);
    }

    // The quickstart's smoothed AlexNet missed with a seed, having spent more than any factor's interval has room for.
    [Fact]
    public void A_bound_outside_the_interval_is_named_as_well()
    {
        var report = StudyReport.Read(new ResultStore(Path.Combine(Repository.Folder, "results", "quickstart-seeds")));
        var summary = report.Analysed.Summary;
        var shuffle = summary.Entries.Single(entry => entry.Architecture == "shufflenet_v2_x1_0");
        var divided = summary.Sensitivity!.Checks.Single(check => check.Name == "divided by alexnet.sgd-smooth3");
        var bound = divided.Factors.Single(factor => factor.Entry == shuffle.Entry).Factor!;
        Assert.Equal(Bound.AtLeast, bound.Bound);
        Assert.True(bound.Factor > shuffle.High);
        Assert.Contains(new Disagreement(shuffle.Entry, divided.Name), summary.Sensitivity.Disagreements);
    }

    [Fact]
    public void Divided_by_the_other_schedule_which_missed_the_factor_is_a_bound()
    {
        Assert.Equal(Bound.AtLeast, Of("divided by alexnet.sgd-smooth6")!.Bound);
        Assert.Equal(12 * 300 / (7 * 60.0), Of("divided by alexnet.sgd-smooth6")!.Factor, 9);
    }

    [Fact]
    public void Without_a_seed_both_sides_are_those_of_the_others_and_one_seed_alone_leaves_nothing_out()
    {
        Assert.DoesNotContain(Sensitivity([Stepped], [Resnet]).Checks, check => check.Kind == SensitivityKind.Seeds);
        double[] slow = [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.46, 0.48, 0.52];
        var two = Sensitivity([Stepped, Stepped], [Resnet, slow]);
        Assert.Equal(12 * 300 / (9 * 60.0), FactorOf(two, "without seed 1")!.Factor, 9);
        Assert.Equal(12 * 300 / (7 * 60.0), FactorOf(two, "without seed 2")!.Factor, 9);
    }

    [Fact]
    public void A_factor_that_leaves_its_interval_under_another_choice_is_said_in_one_line()
    {
        double[] late = [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.46, 0.51, 0.52];
        double[] early = [0.1, 0.2, 0.3, 0.35, 0.4, 0.51, 0.52, 0.53, 0.54];
        var stepped = Stepped[..^2];
        double[] sooner = [.. stepped, 0.5, 0.51];
        var report = Report([Stepped, sooner, Stepped], [Resnet, late, early]);
        var summary = report.Analysed.Summary;
        var entry = summary.Entries.Single(entry => entry.Entry == Entry);
        Assert.NotNull(entry.Low);
        // −2 points: (8, 8, 8) of 300 against the crossings of 0.48, which are 7, 8 and 6 of 60.
        var lower = FactorOf(summary.Sensitivity!, "target −2 points")!;
        Assert.Equal(8 * 300 / (Math.Cbrt(7 * 8 * 6) * 60), lower.Factor, 9);
        Assert.True(lower.Factor < entry.Low);
        Assert.Contains(new Disagreement(Entry, "target −2 points"), summary.Sensitivity!.Disagreements);
        Assert.Single(report.Findings(), finding =>
            finding.StartsWith("Under another reasonable choice", StringComparison.Ordinal)
            && finding.Contains("target −2 points", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_report_shows_all_choices_of_an_entry_in_one_row()
    {
        var text = Report([Stepped], [Resnet]).Markdown();
        Assert.Contains(
            "| entry | reported | sustained crossing | interpolated crossing | target −2 points | target −1 point | target +1 point | "
                + "target +2 points | divided by alexnet.sgd-smooth6 |",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("| resnet18.sgd-smooth6 | 8.57× | 6.67× | 8.89× | 5.71× |", text, StringComparison.Ordinal);
    }

    private static ReductionFactor? Of(string check, double[]? resnet = null) =>
        FactorOf(Sensitivity([Stepped], [resnet ?? Resnet]), check);

    private static ReductionFactor? FactorOf(Sensitivity sensitivity, string check) =>
        sensitivity.Checks.Single(one => one.Name == check).Factors.Single(factor => factor.Entry == Entry).Factor;

    private static Sensitivity Sensitivity(double[][] baseline, double[][] entry) => Report(baseline, entry).Analysed.Summary.Sensitivity!;

    private static StudyReport Report(double[][] baseline, double[][] entry, double[]? smoothed = null)
    {
        var study = Study with { Seeds = [.. Enumerable.Range(1, baseline.Length)] };
        var results = new Dictionary<string, IReadOnlyList<TrialResult>>
        {
            [study.Baseline.Name] =
            [
                .. baseline
                    .Index()
                    .Select(pair => Samples.Trial(study, study.Baseline, pair.Index + 1, 100, new DateOnly(2012, 6, 1), null, pair.Item)),
            ],
            ["alexnet.sgd-smooth6"] =
            [
                .. baseline
                    .Index()
                    .Select(pair =>
                        Samples.Trial(study, study.Entries[0], pair.Index + 1, 100, new DateOnly(2012, 6, 1), 0.5, smoothed ?? Smoothed)
                    ),
            ],
            [Entry] =
            [
                .. entry
                    .Index()
                    .Select(pair => Samples.Trial(study, study.Entries[1], pair.Index + 1, 20, new DateOnly(2015, 12, 10), 0.5, pair.Item)),
            ],
        };
        return new StudyReport(new AnalysedStudy(study, StudySummary.Of(study, 0.5, results), results, Scan: null));
    }
}
