using TrainHarness.Analysis;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Tables;

/// <summary>Factors in tables.</summary>
internal static class FactorCell
{
    public static Cell Of(ReductionFactor? factor) =>
        new(Shown.Factor(factor) + (factor is { Bound: null, Resolved: false } ? " unresolved" : ""), factor?.Factor);

    public static Cell Of(double? factor) => new(Shown.Times(factor), factor);

    public static Cell Months(double? months) => new(Shown.Months(months), months);
}
