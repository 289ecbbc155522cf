using TrainHarness.Analysis;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Tables;

/// <summary>Factors in tables.</summary>
internal static class FactorCell
{
    public static Cell Of(ReductionFactor? factor) =>
        new(Shown.Factor(factor) + (factor is { Bound: null, Resolved: false } ? " unresolved" : ""), factor?.Factor);

    public static Cell Of(EntrySummary entry) =>
        new(
            Shown.Factor(entry) + (entry is { ReductionFactor: not null, Bound: null, Resolved: false } ? " unresolved" : ""),
            entry.ReductionFactor
        );

    public static Cell Of(ShareFactor share) =>
        new(
            Shown.Factor(new ReductionFactor(share.Factor, share.Low, share.High, null, share.Resolved))
                + (share.Resolved ? "" : " unresolved"),
            share.Factor
        );

    public static Cell Of(double? factor) => new(Shown.Times(factor), factor);

    public static Cell Months(double? months) => new(Shown.Months(months), months);
}
