using TrainHarness.Analysis;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>The factors in other measures of cost, and the costs themselves.</summary>
internal static class MeasureSection
{
    /// <summary>Null where no entry has a factor.</summary>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary)
    {
        var rows = summary.Entries.Where(entry => entry.Measures.Any(measure => measure.Factor is not null)).ToList();
        if (!rows.Exists(entry => entry.Entry != summary.Baseline))
            return null;
        var unknown = rows.SelectMany(entry => entry.Measures)
            .Where(measure => measure.Unknown is not null)
            .Select(measure => $"{measure.Measure.Title}: {measure.Unknown}")
            .Distinct()
            .ToList();
        return
        [
            ReportPart.Of(
                $"What {summary.Baseline} spent to the target ÷ what an entry spent. Exact compute splits into examples × multiply-adds "
                    + $"of an example, "
                    + "and every other measure into the same examples × its own cost of an example; inference is the forward pass alone, "
                    + "of entries that reached the target with every trial."
            ),
            ReportPart.Of(Factors(summary.Measures, [.. rows.Where(entry => entry.Entry != summary.Baseline)])),
            ReportPart.Of(Costs(summary.Measures, rows)),
            .. unknown.Count > 0 ? (ReportPart[])[ReportPart.Of($"Not known: {string.Join("; ", unknown)}.")] : [],
            .. summary.Measures.SelectMany(measure => measure.Notes(summary)).Select(ReportPart.Of),
        ];
    }

    private static ReportTable Factors(IReadOnlyList<CostMeasure> measures, IReadOnlyList<EntrySummary> rows) =>
        new(
            "measured-factors",
            "Reduction factors by what is charged",
            [new("entry", IsNumber: false), .. measures.SelectMany(FactorColumns), new("inference")],
            [
                .. rows.Select(entry =>
                    (IReadOnlyList<Cell>)
                        [
                            entry.Entry,
                            .. measures.SelectMany(measure => FactorCells(entry.By(measure)!)),
                            FactorCell.Of(entry.InferenceFactor),
                        ]
                ),
            ]
        );

    private static Column[] FactorColumns(CostMeasure measure) =>
        IsSplit(measure) ? [new(measure.Heading), new("= examples"), new("× per example")] : [new(measure.Heading)];

    private static Cell[] FactorCells(MeasuredFactor measured) =>
        IsSplit(measured.Measure)
            ? [FactorCell.Of(measured.Factor), FactorCell.Of(measured.ExamplesFactor), FactorCell.Of(measured.PerExampleFactor)]
            : [FactorCell.Of(measured.Factor)];

    /// <summary>The one whose parts the table shows.</summary>
    private static bool IsSplit(CostMeasure measure) => measure == CostMeasure.ExactFlops;

    private static ReportTable Costs(IReadOnlyList<CostMeasure> measures, IReadOnlyList<EntrySummary> rows) =>
        new(
            "costs",
            "Cost to target, geometric mean over seeds",
            [
                new("entry", IsNumber: false),
                .. measures.Select(measure => new Column(measure.CostHeading)),
                new("inference multiply-adds per example"),
            ],
            [
                .. rows.Select(entry =>
                    (IReadOnlyList<Cell>)
                        [
                            entry.Entry,
                            .. measures.Select(measure => AmountCell.Of(entry.By(measure)!.Cost, measure.Format)),
                            new(Shown.Macs(entry.InferenceMacs), entry.InferenceMacs?.ToDouble()),
                        ]
                ),
            ]
        );
}
