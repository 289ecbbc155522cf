namespace TrainHarness.Analysis;

/// <summary>How fast the frontier of reduction factors doubles.</summary>
public static class Trend
{
    /// <summary>Days in a mean Gregorian month.</summary>
    private const double DaysPerMonth = 365.2425 / 12;

    /// <summary>The entries that were better than everything published before them, in order of date.</summary>
    public static IReadOnlyList<(DateOnly Published, double Factor)> Frontier(IEnumerable<(DateOnly Published, double Factor)> points)
    {
        var frontier = new List<(DateOnly Published, double Factor)>();
        foreach (var point in points.OrderBy(point => point.Published).ThenByDescending(point => point.Factor))
        {
            if (frontier.Count == 0 || point.Factor > frontier[^1].Factor)
                frontier.Add(point);
        }

        return frontier;
    }

    /// <summary>Months to a doubling by least squares of log2(factor) on the date; null with fewer than three points or no growth.</summary>
    public static double? DoublingTimeMonths(IReadOnlyList<(DateOnly Published, double Factor)> frontier)
    {
        if (frontier.Count < 3)
            return null;
        var months = frontier.Select(point => point.Published.DayNumber / DaysPerMonth).ToList();
        var doublings = frontier.Select(point => Math.Log2(point.Factor)).ToList();
        var (meanMonth, meanDoubling) = (months.Average(), doublings.Average());
        var covariance = months.Zip(doublings, (month, doubling) => (month - meanMonth) * (doubling - meanDoubling)).Sum();
        var variance = months.Sum(month => (month - meanMonth) * (month - meanMonth));
        return covariance > 0 && variance > 0 ? variance / covariance : null;
    }
}
