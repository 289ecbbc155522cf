using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Published;

namespace TrainHarness.Reports.Charts;

/// <summary>Own results and published rows in one chart, only within one convention.</summary>
public static class PublishedChart
{
    private const int MaxOwn = 100;

    /// <summary>Training, in the paper's convention; null where no own entry has a cost in it.</summary>
    public static Chart? Training(StudySummary summary)
    {
        var chart = ConventionChart.Of(Convention.Paper, summary);
        return Of(
            summary,
            chart,
            "published",
            "Training beside published results, in the paper's convention",
            "A multiply-add counts as one operation, training as three forward passes.",
            "a target of its own",
            $"training compute to target ({chart.Unit})"
        );
    }

    /// <summary>Inference, which is the forward pass alone; null where no own entry reached the target with every trial.</summary>
    /// <param name="imageSize">Side in pixels of the study's examples.</param>
    public static Chart? Inference(StudySummary summary, int imageSize)
    {
        var chart = ConventionChart.Of(Convention.Forward, summary);
        return Of(
            summary,
            chart,
            "published-inference",
            "Inference beside published results",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Multiply-adds of the forward pass of one example, of entries that reached the target with every trial. Examples of "
                    + $"this study are {imageSize} px, the published ones 224 px."
            ),
            "a target and examples of its own",
            $"inference compute ({chart.Unit})"
        );
    }

    private static Chart? Of(
        StudySummary summary,
        ConventionChart chart,
        string name,
        string title,
        string counting,
        string each,
        string label
    )
    {
        var own = chart.Points.Where(point => point.IsOwn).ToList();
        if (own.Count == 0)
            return null;
        var groups = chart.Points.Where(point => !point.IsOwn).GroupBy(point => point.Group).ToList();
        return new Chart(
            name,
            title,
            $"{counting} {own.Count} {(own.Count == 1 ? "entry" : "entries")} of this study, and "
                + $"{string.Join(", ", groups.Select(group => $"{group.Count()} published ({group.Key})"))}. Each group has {each}: "
                + $"what compares is the slope within a group, never the height of one against another.",
            new Axis("date of publication", Scale.Date),
            new Axis(label, Scale.Log),
            [
                Of(summary.Study, Mark.Points, 0, own.Take(MaxOwn)),
                .. groups.Select((group, index) => Of(group.Key, Mark.OpenPoints, index + 1, group)),
            ],
            own.Count > MaxOwn ? $"The first {MaxOwn} of {own.Count} own entries are drawn." : null
        );
    }

    private static Series Of(string name, Mark mark, int colour, IEnumerable<ChartPoint> points) =>
        new(
            name,
            name,
            mark,
            colour,
            [
                .. points.Select(point => new SeriesPoint(
                    point.Published.DayNumber,
                    point.Compute,
                    Label: point.Name,
                    Printed: point.IsOwn ? null : point.Compute.ToString("G4", CultureInfo.InvariantCulture)
                )),
            ]
        );
}
