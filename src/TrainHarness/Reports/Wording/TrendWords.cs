using TrainHarness.Analysis;

namespace TrainHarness.Reports.Wording;

/// <summary>What the methods of a trend are called.</summary>
internal static class TrendWords
{
    public static string Of(TrendMethod method) =>
        method switch
        {
            TrendMethod.LeastSquares => "least squares of log2",
            TrendMethod.EndPoints => "end points",
            TrendMethod.TheilSen => "Theil–Sen",
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
        };
}
