using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>Trials that other programs ran, beside the study's own.</summary>
internal static class ImportedSection
{
    private const int MaxRows = 200;

    /// <summary>Null for a study without imported trials.</summary>
    public static IReadOnlyList<ReportPart>? Parts(AnalysedStudy analysed)
    {
        if (analysed.Imported.Count == 0)
            return null;
        var without = analysed
            .Imported.Where(entry => entry.WhyNone is not null)
            .Select(entry => $"{entry.Entry}: {entry.WhyNone}")
            .Distinct()
            .ToList();
        return
        [
            ReportPart.Of(
                "These trials were run and counted by other programs and imported; nothing of them was measured here, and they are in "
                    + "no other part of this report. A factor divides the cost of the baseline by that of an entry within one "
                    + "convention of counting, one metric with its signature, and one target."
                    + " Seconds are those of other programs and machines, and are not divided."
            ),
            ReportPart.Of(Table(analysed)),
            .. without.Count > 0 ? (ReportPart[])[ReportPart.Of($"No factor: {string.Join("; ", without)}.")] : [],
        ];
    }

    private static ReportTable Table(AnalysedStudy analysed) =>
        new(
            "imported",
            "Imported trials",
            [
                new("imported entry", IsNumber: false),
                new("published", IsNumber: false),
                new("by", IsNumber: false),
                new("convention", IsNumber: false),
                new("reached"),
                new("last metric"),
                new("training multiply-adds to target"),
                new("examples to target"),
                new("training time to target"),
                new("divides", IsNumber: false),
                new("reduction factor"),
            ],
            [.. analysed.Imported.Select(entry => Row(analysed.Summary.Target, entry))]
        )
        {
            AllIn = "report --json",
            PageRows = MaxRows,
        };

    private static IReadOnlyList<Cell> Row(TargetSummary target, ImportedSummary entry) =>
        [
            entry.Entry,
            Shown.Date(entry.Published),
            entry.Frameworks.Count > 0 ? string.Join(", ", entry.Frameworks) : Shown.Unknown,
            entry.Convention.ToString(),
            new(string.Create(CultureInfo.InvariantCulture, $"{Shown.Number(entry.Reached, "0")} of {entry.Trials}"), entry.Reached),
            new(Last(target, entry), entry.FinalMetric),
            new(Shown.Macs(entry.TrainingMacsToTarget), entry.TrainingMacsToTarget?.ToDouble()),
            new(Shown.Number(entry.ExamplesToTarget, "0"), entry.ExamplesToTarget),
            new(Shown.Duration(entry.SecondsToTarget), entry.SecondsToTarget),
            entry.DividedBy ?? Shown.Unknown,
            FactorCell.Of(entry.Factor),
        ];

    private static string Last(TargetSummary target, ImportedSummary entry) =>
        entry.Metric == target.Metric.Name && entry.Signature == target.Metric.Signature
            ? Shown.Level(target.Metric, entry.FinalMetric)
            : $"{entry.Metric} {Shown.Number(entry.FinalMetric, "G4")}";
}
