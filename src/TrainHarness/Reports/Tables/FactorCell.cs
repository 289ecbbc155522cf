using TrainHarness.Analysis;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Tables;

/// <summary>Factors in tables.</summary>
internal static class FactorCell
{
    public static Cell Of(ReductionFactor? factor) => new(Shown.MarkedFactor(factor), factor?.Factor);

    public static Cell Of(EntrySummary entry) => new(Shown.MarkedFactor(entry), entry.ReductionFactor);

    public static Cell Of(ShareFactor share) => Of(new ReductionFactor(share.Factor, share.Low, share.High, null, share.Resolved));

    public static Cell Of(double? factor) => new(Shown.Times(factor), factor);

    public static Cell Months(double? months) => new(Shown.Months(months), months);
}
