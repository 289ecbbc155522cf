using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Published;

namespace TrainHarness.Reports.Charts;

/// <summary>Own results and published rows of one convention in one chart.</summary>
public static class PublishedChart
{
    private const int MostOwn = 100;

    /// <summary>In the paper's convention; null where no own entry has a cost in it.</summary>
    public static Chart? Of(StudySummary summary)
    {
        var chart = ConventionChart.Of(Convention.Paper, summary);
        var own = chart.Points.Where(point => point.IsOwn).ToList();
        if (own.Count == 0)
            return null;
        var groups = chart.Points.Where(point => !point.IsOwn).GroupBy(point => point.Group).ToList();
        return new Chart(
            "published",
            "Beside published results, in the paper's convention",
            $"A multiply-add counts as one operation, training as three forward passes. {own.Count} entries of this study, and {string.Join(", ", groups.Select(group => $"{group.Count()} published at {group.Key}"))}. Each group has a target of its own: what compares is the slope within a group, never the height of one against another.",
            new Axis("date of publication", Scale.Date),
            new Axis($"training compute to target ({chart.Unit})", Scale.Log),
            [
                Of(summary.Study, Mark.Points, 0, own.Take(MostOwn)),
                .. groups.Select((group, index) => Of(group.Key, Mark.OpenPoints, index + 1, group)),
            ],
            own.Count > MostOwn ? $"The first {MostOwn} of {own.Count} own entries are drawn." : null);
    }

    private static Series Of(string name, Mark mark, int colour, IEnumerable<ChartPoint> points) =>
        new(name, name, mark, colour, [.. points.Select(point => new SeriesPoint(point.Published.DayNumber, point.Compute, Label: point.Name))]);
}
