using TrainHarness.Analysis;
using TrainHarness.Compute;

namespace TrainHarness.Published;

/// <summary>Own results and published rows that count alike, so that one chart may hold both.</summary>
/// <param name="Unit">Of every point's compute.</param>
/// <param name="Points">Own ones first, then level by level, each in order of date.</param>
public sealed record ConventionChart(Convention Convention, string Unit, IReadOnlyList<ChartPoint> Points)
{
    private const string TrainingUnit = "teraflop/s-days";
    private const string InferenceUnit = "G multiply-adds per example";

    /// <summary>
    /// Entries that reached the target with every trial, and every published row of the convention in this unit or a multiple of it.
    /// </summary>
    public static ConventionChart Of(Convention convention, StudySummary summary)
    {
        var unit = convention == Convention.Forward ? InferenceUnit : TrainingUnit;
        var own = summary
            .Entries.Select(entry => Own(convention, entry, summary.Study))
            .OfType<ChartPoint>()
            .OrderBy(point => point.Published);
        var published = PublishedLedger.Levels.SelectMany(level =>
            level
                .Rows.Where(row =>
                    row.Convention.Named == convention && row.Compute is not null && (row.Unit == unit || PerUnit(row.Unit) is not null)
                )
                .Select(row => new ChartPoint(
                    row.System,
                    level.Title,
                    IsOwn: false,
                    row.Published,
                    row.Compute!.Value * (row.Unit == unit ? 1 : PerUnit(row.Unit)!.Value),
                    row.RecomputedFactor
                ))
        );
        return new ConventionChart(convention, unit, [.. own, .. published]);
    }

    private static double? PerUnit(string unit) => unit == "petaflop/s-days" ? 1000 : null;

    private static ChartPoint? Own(Convention convention, EntrySummary entry, string study) =>
        entry is { Published: { } date } && Compute(convention, entry) is { } compute
            ? new ChartPoint(entry.Entry, study, IsOwn: true, date, compute, Factor(convention, entry))
            : null;

    private static double? Compute(Convention convention, EntrySummary entry) =>
        convention switch
        {
            Convention.Forward => entry.InferenceMacs?.ToDouble() / 1e9,
            Convention.Exact => entry.By(CostMeasure.ExactFlops)?.Cost?.Value / Flops.TeraflopDay,
            Convention.Paper => entry.By(CostMeasure.PaperFlops)?.Cost?.Value / Flops.TeraflopDay,
            // The same passes, a multiply-add as two operations instead of one.
            Convention.AiAndCompute => entry.By(CostMeasure.PaperFlops)?.Cost?.Value * 2 / Flops.TeraflopDay,
            _ => throw new ArgumentOutOfRangeException(nameof(convention), convention, null),
        };

    private static double? Factor(Convention convention, EntrySummary entry) =>
        convention switch
        {
            Convention.Forward => entry.InferenceFactor,
            Convention.Exact => entry.ReductionFactor,
            _ => entry.By(CostMeasure.PaperFlops)?.Factor?.Factor,
        };
}

/// <summary>One point of a chart of one convention.</summary>
/// <param name="Group">The study, or the title of the published level: factors compare within a group only.</param>
/// <param name="Compute">To the group's own target, in the chart's unit.</param>
/// <param name="Factor">Against the first of its group; null where it has none.</param>
public sealed record ChartPoint(string Name, string Group, bool IsOwn, DateOnly Published, double Compute, double? Factor);
