using System.Globalization;
using Spectre.Console;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Cli.Commands;

/// <summary>The answer of a study in the terminal.</summary>
internal static class SummaryTable
{
    public static void Show(StudyReport report, ResultStore store)
    {
        var (study, summary, results) = (report.Study, report.Summary, report.Results);
        var table = new Table().Border(TableBorder.Simple).AddColumns("entry", "published", "reached");
        foreach (var column in (string[])[$"last {summary.Target.Metric}", "epochs to target", "multiply-adds to target", "time to target", "reduction factor"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var entry in summary.Entries)
        {
            table.AddRow(
                Markup.Escape(entry.Entry + (entry.Entry == summary.Baseline ? " (divides)" : "")),
                entry.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? Shown.Unknown,
                $"{entry.Reached} of {entry.Trials}",
                Shown.Percent(entry.FinalMetric),
                Shown.Number(entry.EpochsToTarget, "0.00"),
                Shown.Macs(entry.TrainingMacsToTarget),
                Shown.Duration(entry.SecondsToTarget),
                Shown.Factor(entry) + (entry is { ReductionFactor: not null, Bound: null, Resolved: false } ? " unresolved" : ""));
        }

        CommonOptions.Write(table);
        if (results[study.Baseline.Name] is [{ Evaluations.Count: > 0 } baseline, ..])
            Console.Out.WriteLine($"{summary.Target.Metric} of {baseline.Record.Id}, chance {Shown.Percent(baseline.Record.Target.Chance)}: {string.Join(", ", baseline.Evaluations.Select(evaluation => Shown.Percent(evaluation.Metrics[summary.Target.Metric])))}");
        Console.Out.WriteLine(Headline.Of(report).Replace("**", "", StringComparison.Ordinal));
        foreach (var finding in report.Findings())
            Console.Out.WriteLine($"- {finding}");
        Console.Out.WriteLine($"Report: {Path.Combine(store.Folder, "report.md")} and {Path.Combine(store.Folder, "report.html")}");
    }
}
