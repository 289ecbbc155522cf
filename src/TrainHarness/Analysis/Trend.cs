namespace TrainHarness.Analysis;

/// <summary>One network of a trend.</summary>
/// <param name="Published">Day of publication.</param>
/// <param name="Factor">Its reduction factor.</param>
public sealed record TrendPoint(string Name, DateOnly Published, double Factor);

/// <summary>How a line is laid through log2 of the factors over the dates.</summary>
public enum TrendMethod
{
    /// <summary>Least squares of log2(factor) on the date; at least three points.</summary>
    LeastSquares,

    /// <summary>From the first point to the last one; at least two points.</summary>
    EndPoints,

    /// <summary>The median of the slopes between all pairs (Theil 1950, Sen 1968); at least three points.</summary>
    TheilSen,
}

/// <summary>How fast the frontier of reduction factors doubles.</summary>
public static class Trend
{
    /// <summary>Days in a mean Gregorian month.</summary>
    public const double DaysPerMonth = 365.2425 / 12;

    /// <summary>The entries that were better than everything published before them, in order of date.</summary>
    public static IReadOnlyList<TrendPoint> Frontier(IEnumerable<TrendPoint> points)
    {
        var frontier = new List<TrendPoint>();
        foreach (var point in points.OrderBy(point => point.Published).ThenByDescending(point => point.Factor))
        {
            if (frontier.Count == 0 || point.Factor > frontier[^1].Factor)
                frontier.Add(point);
        }

        return frontier;
    }

    /// <summary>Months to a doubling; null with too few points or no growth.</summary>
    public static double? DoublingTimeMonths(IReadOnlyList<TrendPoint> points, TrendMethod method = TrendMethod.LeastSquares) =>
        Growth(points, method) is > 0 and var growth ? 1 / growth : null;

    /// <summary>Doublings a month; null with too few points, or where all have one date.</summary>
    internal static double? Growth(IReadOnlyList<TrendPoint> points, TrendMethod method)
    {
        var months = points.Select(point => point.Published.DayNumber / DaysPerMonth).ToArray();
        var doublings = points.Select(point => Math.Log2(point.Factor)).ToArray();
        return Growth(months, doublings, method);
    }

    internal static double? Growth(ReadOnlySpan<double> months, ReadOnlySpan<double> doublings, TrendMethod method) =>
        method switch
        {
            TrendMethod.LeastSquares => LeastSquares(months, doublings),
            TrendMethod.EndPoints => EndPoints(months, doublings),
            TrendMethod.TheilSen => TheilSen(months, doublings),
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
        };

    private static double? LeastSquares(ReadOnlySpan<double> months, ReadOnlySpan<double> doublings)
    {
        if (months.Length < 3)
            return null;
        var (meanMonth, meanDoubling) = (Mean(months), Mean(doublings));
        var (covariance, variance) = (0.0, 0.0);
        for (var index = 0; index < months.Length; index++)
        {
            covariance += (months[index] - meanMonth) * (doublings[index] - meanDoubling);
            variance += (months[index] - meanMonth) * (months[index] - meanMonth);
        }

        return variance > 0 ? covariance / variance : null;
    }

    private static double? EndPoints(ReadOnlySpan<double> months, ReadOnlySpan<double> doublings) =>
        months.Length >= 2 && months[^1] > months[0] ? (doublings[^1] - doublings[0]) / (months[^1] - months[0]) : null;

    private static double? TheilSen(ReadOnlySpan<double> months, ReadOnlySpan<double> doublings)
    {
        if (months.Length < 3)
            return null;
        var slopes = new List<double>();
        for (var later = 1; later < months.Length; later++)
        {
            for (var earlier = 0; earlier < later; earlier++)
            {
                if (months[later] != months[earlier])
                    slopes.Add((doublings[later] - doublings[earlier]) / (months[later] - months[earlier]));
            }
        }

        slopes.Sort();
        return slopes.Count == 0 ? null : (slopes[(slopes.Count - 1) / 2] + slopes[slopes.Count / 2]) / 2;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum / values.Length;
    }
}
