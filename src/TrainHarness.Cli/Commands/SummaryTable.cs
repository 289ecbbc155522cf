using System.Globalization;
using TrainHarness.Cli.Terminal;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary>The answer of a study in the terminal.</summary>
internal static class SummaryTable
{
    public static void Show(StudyReport report, ResultStore store)
    {
        var (study, summary, results) = (report.Analysed.Study, report.Analysed.Summary, report.Analysed.Results);
        var table = new TextTable(
            new("entry"),
            new("published"),
            new("reached"),
            Column.Number($"last {summary.Target.Metric.Name}"),
            Column.Number("epochs to target"),
            Column.Number("multiply-adds to target"),
            Column.Number("time to target"),
            Column.Number("reduction factor")
        );
        foreach (var entry in summary.Entries)
        {
            table.Add(
                entry.Entry + (entry.Entry == summary.Baseline ? " (divides)" : ""),
                entry.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? Shown.Unknown,
                $"{entry.Reached} of {entry.Trials}",
                Shown.Level(summary.Target.Metric, entry.FinalMetric),
                Shown.Number(entry.EpochsToTarget, "0.00"),
                Shown.Macs(entry.TrainingMacsToTarget),
                Shown.Duration(entry.SecondsToTarget),
                Shown.MarkedFactor(entry)
            );
        }

        table.Write();
        if (results[study.Baseline.Name] is [{ Evaluations.Count: > 0 } baseline, ..])
            Console.Out.WriteLine(CurveOf(baseline, summary.Target.Metric));
        Console.Out.WriteLine(Headline.Of(report.Analysed).Replace("**", "", StringComparison.Ordinal));
        foreach (var finding in report.Findings())
            Console.Out.WriteLine($"- {finding}");
        Console.Out.WriteLine($"Report: {Path.Combine(store.Folder, "report.md")} and {Path.Combine(store.Folder, "report.html")}");
    }

    private static string CurveOf(TrialResult trial, Metric metric)
    {
        var chance = metric.Chance is { } known ? $", chance {Shown.Level(metric, known)}" : "";
        var levels = trial.Evaluations.Select(evaluation => Shown.Level(metric, evaluation.ValueOf(metric.Name)));
        return $"{metric} of {trial.Record.Id}{chance}: {string.Join(", ", levels)}";
    }
}
