using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Charts;

/// <summary>The frontier of factors beside other fields' doublings.</summary>
public static class TrendChart
{
    /// <summary>Null with fewer than two points on the frontier.</summary>
    public static Chart? Of(StudySummary summary)
    {
        if (summary.Trend is not { Frontier.Count: >= 2 } trend)
            return null;
        var (first, last) = (trend.Frontier[0].Published, trend.Frontier[^1].Published);
        var lines = ComparisonLine
            .All.Index()
            .Select(pair => new Series(
                pair.Item.Name,
                pair.Item.Name,
                Mark.Dashes,
                pair.Index + 2,
                [new(first.DayNumber, 1), new(last.DayNumber, pair.Item.At(first, last))]
            ));
        var others = trend.Points.Except(trend.Frontier).Where(point => point.Factor > 0).Take(Ranking.MaxCurves).ToList();
        var estimates = trend
            .Estimates.Where(estimate => estimate.DoublingTimeMonths is not null)
            .Select(estimate => $"{TrendWords.Of(estimate.Method)} {Shown.Months(estimate.DoublingTimeMonths)}");
        return new Chart(
            "trend",
            "Reduction factor of the frontier, and other fields' doublings",
            $"The frontier goes from {trend.Frontier[0].Name} in {first.Year.ToString(CultureInfo.InvariantCulture)} to "
                + $"{trend.Frontier[^1].Name} in {last.Year.ToString(CultureInfo.InvariantCulture)}, "
                + $"{Shown.Times(trend.Frontier[^1].Factor)}. Doubling time: {string.Join(", ", estimates)}. The dashed lines begin at "
                + $"1 with the frontier and assume a constant rate.",
            new Axis("date of publication", Scale.Date),
            new Axis("reduction factor", Scale.LogFactor),
            [
                new Series("frontier", "frontier", Mark.Points, 0, [.. trend.Frontier.Select(point => Point(point))]),
                new Series("frontier line", null, Mark.Line, 0, [.. trend.Frontier.Select(point => Point(point) with { Label = null })]),
                .. others.Count > 0
                    ? (Series[])[new Series("others", "others", Mark.OpenPoints, Palette.Grey, [.. others.Select(Point)])]
                    : [],
                .. lines,
            ]
        );
    }

    private static SeriesPoint Point(TrendPoint point) => new(point.Published.DayNumber, point.Factor, Label: point.Name);
}
