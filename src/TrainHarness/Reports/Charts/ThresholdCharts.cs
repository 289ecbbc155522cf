using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Charts;

/// <summary>The factor and the doubling time, had another level been the target.</summary>
public static class ThresholdCharts
{
    /// <summary>Null without a curve, and where no entry has a factor on it.</summary>
    public static Chart? Factors(StudySummary summary)
    {
        if (summary.Curve is not { } curve)
            return null;
        var ranking = new Ranking(summary);
        var points = curve
            .Points.SelectMany(point => point.Factors, (point, factor) => (point.Threshold, factor.Entry, factor.Factor))
            .Where(point => point.Factor is { Bound: null, Resolved: true })
            .ToLookup(
                point => point.Entry,
                point => new SeriesPoint(point.Threshold, point.Factor!.Factor, point.Factor.Low, point.Factor.High)
            );
        var entries = ranking.Entries.Where(entry => entry != summary.Baseline && points[entry].Any()).ToList();
        if (entries.Count == 0)
            return null;
        var lines = entries
            .Take(Palette.Count - 1)
            .Select(entry => new Series(entry, entry, Mark.Line, ranking.Colour(entry), [.. points[entry]]))
            .ToList();
        return new Chart(
            "threshold",
            $"Reduction factor by {summary.Target.Metric}",
            Description(summary, curve),
            Axis.Of(summary.Target.Metric),
            new Axis("reduction factor", Scale.LogFactor),
            [.. TargetLine(summary, lines), .. lines],
            entries.Count > lines.Count
                ? string.Create(CultureInfo.InvariantCulture, $"The {lines.Count} entries with the largest factors, of {entries.Count}.")
                : null
        )
        {
            IsInteractive = true,
        };
    }

    /// <summary>Null with fewer than two levels that have a doubling time.</summary>
    public static Chart? DoublingTimes(StudySummary summary)
    {
        var points = summary
            .Curve?.Points.Where(point => point.DoublingTimeMonths is not null)
            .Select(point => new SeriesPoint(point.Threshold, point.DoublingTimeMonths!.Value))
            .ToList();
        if (points is not { Count: >= 2 })
            return null;
        var line = new Series("doubling time", "least squares of log2", Mark.Line, 0, points);
        return new Chart(
            "doubling",
            $"Doubling time of the frontier by {summary.Target.Metric}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"From {SignificantDigits.Of(points.Min(point => point.Y))} to {Shown.Months(points.Max(point => point.Y))} over the "
                    + $"levels that have at least three networks on the frontier."
            ),
            Axis.Of(summary.Target.Metric),
            new Axis("doubling time (months)", Scale.Linear),
            [.. TargetLine(summary, [line]), line]
        );
    }

    private static IEnumerable<Series> TargetLine(StudySummary summary, IReadOnlyList<Series> lines)
    {
        if (summary.Target.Threshold is not { } threshold)
            yield break;
        var values = lines.SelectMany(line => line.Points).Select(point => point.Y).ToList();
        var name = $"target {Shown.Level(summary.Target.Metric, threshold)}";
        yield return new Series("target", name, Mark.Dashes, Palette.Grey, [new(threshold, values.Min()), new(threshold, values.Max())]);
    }

    private static string Description(StudySummary summary, ThresholdCurve curve)
    {
        var metric = summary.Target.Metric;
        var flat = curve.Points.Where(point => point.BaselineIsFlat).ToList();
        var warning =
            flat.Count == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" The baseline is flat at {flat.Count} of {curve.Points.Count} levels, the first at "
                        + $"{Shown.Level(metric, flat[0].Threshold)}:"
                ) + " there the factors depend strongly on the exact level.";
        return $"What each entry saves against the cheapest schedule of the baseline's architecture, had another {metric} been the target, "
            + $"{MetricWords.Onward(metric)} to {Shown.Level(metric, curve.Best)}, the {MetricWords.Best(metric)} that all trials cover. "
            + $"Bounds and unresolved factors are not drawn.{warning}";
    }
}
