using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Tables;

/// <summary>The answer: one row per entry.</summary>
public static class EntryTable
{
    public static ReportTable Of(StudySummary summary) =>
        new(
            "factors",
            "Reduction factors",
            [
                new("entry", IsNumber: false),
                new("published", IsNumber: false),
                new("reached"),
                new($"last {summary.Target.Metric}"),
                new("epochs to target"),
                new("training multiply-adds to target"),
                new("training time to target"),
                new("reduction factor"),
            ],
            [.. summary.Entries.Select(entry => Row(summary, entry))]
        );

    private static IReadOnlyList<Cell> Row(StudySummary summary, EntrySummary entry) =>
        [
            entry.Entry + (entry.Entry == summary.Baseline ? " (divides)" : ""),
            Shown.Date(entry.Published),
            new(string.Create(CultureInfo.InvariantCulture, $"{entry.Reached} of {entry.Trials}"), entry.Reached),
            new(Shown.Level(summary.Target.Metric, entry.FinalMetric), entry.FinalMetric),
            new(Shown.Number(entry.EpochsToTarget, "0.00"), entry.EpochsToTarget),
            new(Shown.Macs(entry.TrainingMacsToTarget), entry.TrainingMacsToTarget?.ToDouble()),
            new(Shown.Duration(entry.SecondsToTarget), entry.SecondsToTarget),
            FactorCell.Of(entry),
        ];
}
