using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Reports;

/// <summary>
/// efficiency.csv: the columns of OpenAI's efficiency_sota.csv first (their convention: a multiply-add is one FLOP, training
/// is three forward passes, and what made its data one), then the exact counts.
/// </summary>
public static class EfficiencyCsv
{
    private const string Header =
        "Metric,Publication Date,Publication,Publication link,Compute (teraflops-s/days),Reduction Factor,Analysis,Analysis link,"
        + "entry,convention,trainingMacsToTarget,exactReductionFactor,low,high,bound,resolved,reached,trials,epochsToTarget,secondsToTarget,"
        + "epochsFactor,perExampleFactor,secondsFactor,joulesToTarget,joulesFactor,dollarsToTarget,dollarsFactor,examplesToTarget,"
        + "inferenceMacs,inferenceFactor,trainingTeraMacsToTarget";

    public static string Of(StudySummary summary, IReadOnlyDictionary<string, string> papers)
    {
        var baseline = summary.Entries.First(entry => entry.Entry == summary.Baseline);
        var lines = summary.Entries.Select(entry => string.Join(',', Cells(summary, entry, baseline, papers.GetValueOrDefault(entry.Entry))));
        return string.Join('\n', lines.Prepend(Header)) + "\n";
    }

    private static IEnumerable<string> Cells(StudySummary summary, EntrySummary entry, EntrySummary baseline, string? paper)
    {
        var metric = summary.Target.Metric;
        var sign = metric.Better == Better.More ? ">=" : "<=";
        var spent = PaperFlops(entry);
        var baselineSpent = PaperFlops(baseline);
        return
        [
            Quote(string.Create(CultureInfo.InvariantCulture, $"{metric} {sign} {summary.Target.Threshold:0.####} in {summary.Study}")),
            entry.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
            Quote(paper ?? ""),
            Link(paper),
            Number(spent?.ToTeraflopDays()),
            Number(spent is { } own && baselineSpent is { } from ? from / own : null),
            "TrainHarness",
            "",
            entry.Entry,
            "paper",
            entry.TrainingMacsToTarget?.ToString() ?? "",
            Number(entry.ReductionFactor),
            Number(entry.Low),
            Number(entry.High),
            entry.Bound switch { Bound.AtMost => "atMost", Bound.AtLeast => "atLeast", _ => "" },
            entry.Resolved ? "true" : "false",
            entry.Reached.ToString(CultureInfo.InvariantCulture),
            entry.Trials.ToString(CultureInfo.InvariantCulture),
            Number(entry.EpochsToTarget),
            Number(entry.SecondsToTarget),
            Number(Measure(entry, CostMeasure.ExactFlops)?.ExamplesFactor),
            Number(Measure(entry, CostMeasure.ExactFlops)?.PerExampleFactor),
            Number(Measure(entry, CostMeasure.Seconds)?.Factor?.Factor),
            Number(Measure(entry, CostMeasure.Joules)?.Cost),
            Number(Measure(entry, CostMeasure.Joules)?.Factor?.Factor),
            Number(Measure(entry, CostMeasure.Dollars)?.Cost),
            Number(Measure(entry, CostMeasure.Dollars)?.Factor?.Factor),
            Measure(entry, CostMeasure.Examples)?.Cost?.Count?.ToString(CultureInfo.InvariantCulture) ?? "",
            entry.InferenceMacs?.ToString() ?? "",
            Number(entry.InferenceFactor),
            entry.TrainingTeraMacsToTarget?.ToString("R", CultureInfo.InvariantCulture) ?? "",
        ];
    }

    private static MeasuredFactor? Measure(EntrySummary entry, CostMeasure measure) => entry.Measures.FirstOrDefault(measured => measured.Measure == measure);

    private static Flops? PaperFlops(EntrySummary entry) => Measure(entry, CostMeasure.PaperFlops)?.Cost?.Count is { } count
        ? new Flops(count, Convention.Paper)
        : null;

    private static string Link(string? paper)
    {
        const string Prefix = "arXiv:";
        return paper is not null && paper.StartsWith(Prefix, StringComparison.Ordinal)
            ? "https://arxiv.org/abs/" + paper[Prefix.Length..].Split(' ')[0]
            : "";
    }

    private static string Number(double? value) => value?.ToString("G6", CultureInfo.InvariantCulture) ?? "";

    private static string Quote(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
