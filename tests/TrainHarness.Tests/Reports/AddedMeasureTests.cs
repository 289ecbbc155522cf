using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports;

/// <summary>A measure of cost is one entry of a list.</summary>
public sealed class AddedMeasureTests
{
    // Two trials of one seed each. Steps are of ten examples, evaluations after every thousand.
    private static readonly double[] Old = [0.1, 0.2, 0.3, 0.35, 0.4, 0.42, 0.44, 0.46, 0.48, 0.5];
    private static readonly double[] New = [0.1, 0.2, 0.3, 0.35, 0.5, 0.5];

    private static readonly CostMeasure Steps = new()
    {
        Name = "steps",
        Title = "optimizer steps",
        CostHeading = "steps",
        Format = AmountFormat.Whole,
        SpentAt = (evaluation, _, _) => Amount.Of((UInt128)evaluation.Step),
        Curve = new("steps", "optimizer steps", "optimizer steps"),
        Notes = _ => ["A step is one update of the weights."],
    };

    private static readonly StudyReport Report = Made([.. CostMeasure.Shipped, Steps]);

    [Fact]
    public void It_has_a_column_of_factors_and_one_of_costs_in_both_reports()
    {
        var markdown = Report.Markdown();
        Assert.Contains("| dollars | examples | optimizer steps | inference |", markdown, StringComparison.Ordinal);
        Assert.Contains("| dollars | examples | steps | inference multiply-adds per example |", markdown, StringComparison.Ordinal);
        // 1000 steps against 500, neither resolved nor more than one seed.
        Assert.Matches(@"\| resnet18\.sgd-smooth6 \|.*\| 2\.00× unresolved \| 2\.00× unresolved \| 5\.00× \|\n", markdown);
        Assert.Contains("| 5000 | 500 | 20 |\n", markdown, StringComparison.Ordinal);
        Assert.Contains("A step is one update of the weights.\n", markdown, StringComparison.Ordinal);
        Assert.Contains(
            "<th scope=\"col\" aria-sort=\"none\" class=\"number\"><button type=\"button\">optimizer steps</button></th>",
            Report.Html([]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void It_has_columns_in_efficiency_csv_and_an_entry_in_JSON()
    {
        string[][] cells =
        [
            .. EfficiencyCsv.Of(Report.Analysed.Summary, new Dictionary<string, string>()).Split('\n').Select(line => line.Split(',')),
        ];
        string Cell(string column) => cells[2][Array.IndexOf(cells[0], column)];
        Assert.Equal(("500", "2", "5000"), (Cell("stepsToTarget"), Cell("stepsFactor"), Cell("examplesToTarget")));
        var json = ResultsJson.Write(Report.Analysed.Summary.Entries[1].Measures[^1]);
        Assert.Contains("\"measure\": \"steps\",\n  \"cost\": 500,", json, StringComparison.Ordinal);
        Assert.Contains(
            "\"measure\": \"exactFlops\"",
            ResultsJson.Write(Report.Analysed.Summary.Entries[1].Measures[0]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void It_has_a_chart_of_every_trial_where_it_names_one()
    {
        var chart = Report.Charts().Single(chart => chart.Name == "steps");
        Assert.Equal(("top1 against optimizer steps", "optimizer steps"), (chart.Title, chart.X.Label));
        Assert.Equal([1000.0, 600.0], chart.Series.Skip(1).Select(series => series.Points[^1].X));
        Assert.Contains("(figures/steps.svg)", Report.Markdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_says_why_it_is_not_known()
    {
        var unknown = Steps with { SpentAt = (_, _, _) => null };
        Assert.Contains("optimizer steps: not measured", Markdown(unknown), StringComparison.Ordinal);
        Assert.Contains(
            "optimizer steps: nobody counted",
            Markdown(unknown with { WhyUnknown = (_, _) => "nobody counted" }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "optimizer steps: not one kind of meter",
            Markdown(Steps with { Meter = record => record.Entry }),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("optimizer steps:", Markdown(Steps), StringComparison.Ordinal);

        static string Markdown(CostMeasure measure)
        {
            var report = Made([.. CostMeasure.Shipped, measure]);
            return report.Markdown();
        }
    }

    private static StudyReport Made(IReadOnlyList<CostMeasure> measures)
    {
        var study = Samples.Study with { Seeds = [1], Entries = [Samples.Entry("resnet18", "sgd-smooth6")] };
        var results = new Dictionary<string, IReadOnlyList<TrialResult>>
        {
            [study.Baseline.Name] = [Trial(Samples.Trial(study, study.Baseline, 1, 100, new(2012, 6, 1), null, Old))],
            [study.Entries[0].Name] = [Trial(Samples.Trial(study, study.Entries[0], 1, 20, new(2015, 12, 10), 0.5, New))],
        };
        return new StudyReport(new AnalysedStudy(study, StudySummary.Of(study, 0.5, results, measures: measures), results, null));
    }

    private static TrialResult Trial(TrialResult trial) =>
        trial with
        {
            Evaluations = [.. trial.Evaluations.Select(evaluation => evaluation with { Step = evaluation.Examples / 10 })],
        };
}
