using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Sections;

/// <summary>The factors under other choices than the protocol's, side by side.</summary>
internal static class SensitivitySection
{
    /// <summary>Null without a target, and where no entry but the baseline has a factor.</summary>
    public static IReadOnlyList<ReportPart>? Parts(StudySummary summary)
    {
        if (summary.Sensitivity is not { } sensitivity)
            return null;
        var reported = summary.Entries.ToDictionary(entry => entry.Entry);
        var entries = new Ranking(summary)
            .Entries.Where(entry => entry != summary.Baseline && reported[entry].ReductionFactor is not null)
            .ToList();
        return entries.Count == 0
            ? null
            : [ReportPart.Of(Explained(summary, sensitivity)), ReportPart.Of(Table(sensitivity, entries, reported))];
    }

    private static string Explained(StudySummary summary, Sensitivity sensitivity)
    {
        var seeds = sensitivity.Checks.Any(check => check.Kind == SensitivityKind.Seeds)
            ? " Without one seed: the smallest and the largest factor that remain when one seed is left out of both sides, at the same "
                + "target."
            : "";
        return $"The same factors, had one choice been another. Reported are those of the first evaluation at the target, divided by "
            + $"{summary.Baseline}. Sustained: "
            + "of the first evaluation that no worse one followed. Interpolated: where a straight line between the evaluations around "
            + "the crossing meets the target."
            + $"{seeds} A dash: these records cannot say, as a trial stopped before.";
    }

    private static ReportTable Table(Sensitivity sensitivity, List<string> entries, Dictionary<string, EntrySummary> reported)
    {
        List<SensitivityCheck> seeds = [.. sensitivity.Checks.Where(check => check.Kind == SensitivityKind.Seeds)];
        List<SensitivityCheck> single =
        [
            .. sensitivity.Checks.Where(check => check.Kind is SensitivityKind.Crossing or SensitivityKind.Target),
        ];
        List<SensitivityCheck> dividing = [.. sensitivity.Checks.Where(check => check.Kind == SensitivityKind.Baseline)];
        return new ReportTable(
            "sensitivity",
            "Reduction factors under other choices",
            [
                new("entry", IsNumber: false),
                new("reported"),
                .. single.Select(check => new Column(check.Name)),
                .. seeds.Count > 0 ? (Column[])[new("without one seed")] : [],
                .. dividing.Select(check => new Column(check.Name)),
            ],
            [
                .. entries.Select(entry =>
                    (IReadOnlyList<Cell>)
                        [
                            entry,
                            FactorCell.Of(reported[entry]),
                            .. single.Select(check => Plain(check, entry)),
                            .. seeds.Count > 0 ? (Cell[])[Between(seeds, entry)] : [],
                            .. dividing.Select(check => Plain(check, entry)),
                        ]
                ),
            ]
        );
    }

    // Intervals stand in the first column; here they would hide what is to be compared.
    private static Cell Plain(SensitivityCheck check, string entry) =>
        FactorCell.Of(FactorOf(check, entry) is { } factor ? factor with { Low = null, High = null } : null);

    private static Cell Between(IReadOnlyList<SensitivityCheck> seeds, string entry)
    {
        List<ReductionFactor?> factors = [.. seeds.Select(check => FactorOf(check, entry))];
        // A bound among them has no place between two numbers.
        return factors.TrueForAll(factor => factor is { Bound: null })
            ? new Cell(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{SignificantDigits.Of(factors.Min(factor => factor!.Factor))}–"
                        + $"{SignificantDigits.Of(factors.Max(factor => factor!.Factor))}×"
                        + $"{Shown.Mark(factors.TrueForAll(factor => factor!.Resolved))}"
                ),
                factors.Min(factor => factor!.Factor)
            )
            : Shown.Unknown;
    }

    private static ReductionFactor? FactorOf(SensitivityCheck check, string entry) =>
        check.Factors.FirstOrDefault(factor => factor.Entry == entry)?.Factor;
}
