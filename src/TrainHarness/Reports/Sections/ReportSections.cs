using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>All that a report tells below its answer.</summary>
public static class ReportSections
{
    /// <summary>In their order.</summary>
    public static IReadOnlyList<SectionEntry> Shipped { get; } =
    [
        new("measures", "In other measures", analysed => MeasureSection.Parts(analysed.Summary)),
        new("shares", "What it was spent on", ShareSection.Parts),
        new("methods", "By count and by device time", analysed => MethodSection.Parts(analysed.Summary)),
        new("levels", "At other levels", analysed => LevelSection.Parts(analysed.Summary)) { Figures = _ => ["threshold", "doubling"] },
        new("sensitivity", "Sensitivity", analysed => SensitivitySection.Parts(analysed.Summary)),
        new("ablation", "Where it came from", analysed => AblationSection.Parts(analysed.Summary)) { Figures = _ => [WaterfallChart.Name] },
        new("scale", "Scale", analysed => ScaleSection.Parts(analysed.Scale))
        {
            Figures = _ => [ScaleCharts.ByCompute, ScaleCharts.ByData],
        },
        new("imported", "Imported", ImportedSection.Parts),
        new("trend", "Trend", analysed => TrendSection.Parts(analysed.Summary)) { Figures = _ => ["trend"] },
        new("published", "Beside published results", PublishedSection.Parts) { Figures = _ => ["published", "published-inference"] },
        new("effective-compute", "Effective compute", analysed => EffectiveComputeSection.Parts(analysed.Summary)),
        new("ends", "Where the trials ended", EndSection.Parts),
        new("test", "On the test examples", TestSection.Parts),
        new("curves", "Curves", analysed =>
            [
                .. ReportPart.Drawn(TrialCharts.Of(analysed)),
                ReportPart.Captioned(TrialTables.Curves(analysed)),
                .. TrialTables.Baseline(analysed) is { } baseline
                    ? (ReportPart[])[ReportPart.Folded(baseline, "The baseline's curve in numbers")]
                    : [],
            ]
        )
        {
            Figures = analysed => TrialCharts.NamesOf(analysed.Summary.Measures),
        },
        new("measuring", "How it was measured", analysed =>
            [.. Measurement.Paragraphs(analysed).Select(ReportPart.Of), ReportPart.Of(TrialTables.Recipes(analysed))]
        ),
        new("environment", "Where", analysed => Measurement.Places(analysed) is { Count: > 0 } places ? [ReportPart.Of(places)] : null),
    ];
}
