using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Reports;

/// <summary>
/// efficiency.csv: the columns of OpenAI's efficiency_sota.csv first (their convention: a multiply-add is one FLOP, training
/// is three forward passes, and what made its data one), then the exact counts and the measures of cost.
/// </summary>
public static class EfficiencyCsv
{
    private sealed record Column(string Name, Func<EntrySummary, string> Cell);

    /// <param name="papers">Of entries, by their names.</param>
    public static string Of(StudySummary summary, IReadOnlyDictionary<string, string> papers)
    {
        Column[] columns = [.. OpenAi(summary, papers), .. Answer, .. summary.Measures.SelectMany(Columns), .. Inference];
        var lines = summary.Entries.Select(entry => string.Join(',', columns.Select(column => column.Cell(entry))));
        return string.Join('\n', lines.Prepend(string.Join(',', columns.Select(column => column.Name)))) + "\n";
    }

    private static Column[] OpenAi(StudySummary summary, IReadOnlyDictionary<string, string> papers)
    {
        var metric = summary.Target.Metric;
        var sign = metric.Better == Better.More ? ">=" : "<=";
        var level = Quote(
            string.Create(CultureInfo.InvariantCulture, $"{metric} {sign} {summary.Target.Threshold:0.####} in {summary.Study}")
        );
        var divided = PaperFlops(summary.Entries.First(entry => entry.Entry == summary.Baseline));
        return
        [
            new("Metric", _ => level),
            new("Publication Date", entry => entry.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? ""),
            new("Publication", entry => Quote(papers.GetValueOrDefault(entry.Entry) ?? "")),
            new("Publication link", entry => Link(papers.GetValueOrDefault(entry.Entry))),
            new("Compute (teraflops-s/days)", entry => Number(PaperFlops(entry)?.ToTeraflopDays())),
            new("Reduction Factor", entry => Number(PaperFlops(entry) is { } own && divided is { } from ? from / own : null)),
            new("Analysis", _ => "TrainHarness"),
            new("Analysis link", _ => ""),
        ];
    }

    private static Column[] Answer { get; } =
    [
        new("entry", entry => entry.Entry),
        new("convention", _ => "paper"),
        new("trainingMacsToTarget", entry => entry.TrainingMacsToTarget?.ToString() ?? ""),
        new("exactReductionFactor", entry => Number(entry.ReductionFactor)),
        new("low", entry => Number(entry.Low)),
        new("high", entry => Number(entry.High)),
        new("bound", entry => entry.Bound switch
            {
                Bound.AtMost => "atMost",
                Bound.AtLeast => "atLeast",
                _ => "",
            }),
        new("resolved", entry => entry.Resolved ? "true" : "false"),
        new("reached", entry => entry.Reached.ToString(CultureInfo.InvariantCulture)),
        new("trials", entry => entry.Trials.ToString(CultureInfo.InvariantCulture)),
        new("epochsToTarget", entry => Number(entry.EpochsToTarget)),
        new("secondsToTarget", entry => Number(entry.SecondsToTarget)),
        new("epochsFactor", entry => Number(entry.By(CostMeasure.ExactFlops)?.ExamplesFactor)),
        new("perExampleFactor", entry => Number(entry.By(CostMeasure.ExactFlops)?.PerExampleFactor)),
    ];

    private static Column[] Inference { get; } =
    [
        new("inferenceMacs", entry => entry.InferenceMacs?.ToString() ?? ""),
        new("inferenceFactor", entry => Number(entry.InferenceFactor)),
        new("trainingTeraMacsToTarget", entry => entry.TrainingTeraMacsToTarget?.ToString("R", CultureInfo.InvariantCulture) ?? ""),
    ];

    private static IEnumerable<Column> Columns(CostMeasure measure)
    {
        if (measure.Columns.HasFlag(MeasureColumns.Cost))
            yield return new Column(measure.Name + "ToTarget", entry => Number(entry.By(measure)?.Cost));
        if (measure.Columns.HasFlag(MeasureColumns.Factor))
            yield return new Column(measure.Name + "Factor", entry => Number(entry.By(measure)?.Factor?.Factor));
    }

    private static Flops? PaperFlops(EntrySummary entry) =>
        entry.By(CostMeasure.PaperFlops)?.Cost?.Count is { } count ? new Flops(count, Convention.Paper) : null;

    private static string Link(string? paper)
    {
        const string Prefix = "arXiv:";
        return paper is not null && paper.StartsWith(Prefix, StringComparison.Ordinal)
            ? "https://arxiv.org/abs/" + paper[Prefix.Length..].Split(' ')[0]
            : "";
    }

    /// <summary>All digits of a count.</summary>
    private static string Number(Amount? amount) =>
        amount is { Count: { } count } ? count.ToString(CultureInfo.InvariantCulture) : Number(amount?.Value);

    private static string Number(double? value) => value?.ToString("G6", CultureInfo.InvariantCulture) ?? "";

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
