using TrainHarness.Protocol;

namespace TrainHarness.Reports.Charts;

/// <summary>A chart as plain numbers. It is drawn as a file, inside a page, interactively and as a table, all from this.</summary>
/// <param name="Name">Names its files: small letters and '-'.</param>
/// <param name="Description">What it shows, for a reader who does not see it.</param>
/// <param name="Note">What was left out of the drawing; null where nothing was.</param>
public sealed record Chart(string Name, string Title, string Description, Axis X, Axis Y, IReadOnlyList<Series> Series, string? Note = null)
{
    /// <summary>A page shows it by plotly.js, where scripts run.</summary>
    public bool IsInteractive { get; init; }
}

/// <param name="Label">What is measured, with its unit.</param>
/// <param name="Min">Nothing is drawn below; null where there is no such bound.</param>
/// <param name="Max">Likewise, above.</param>
public sealed record Axis(string Label, Scale Scale, double? Min = null, double? Max = null)
{
    /// <summary>What stands at 1, 2, 3, … instead of numbers; null for an axis of numbers.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>A value of the axis in words.</summary>
    public string Text(double value) => Names is null ? AxisRange.Text(Scale, value) : Names[(int)value - 1];

    /// <summary>Of a metric, within its bounds.</summary>
    public static Axis Of(Metric metric) =>
        new(metric.Name, metric.Unit == MetricUnit.Percent ? Scale.Percent : Scale.Level, metric.Min, metric.Max);
}

/// <summary>How the values of an axis lie on it, and how they are written.</summary>
public enum Scale
{
    Linear,

    /// <summary>Parts from 0 to 1, written as percentages.</summary>
    Percent,

    /// <summary>Values of any other metric, with four digits.</summary>
    Level,

    /// <summary>Positive counts by powers of ten, written with decimal prefixes.</summary>
    Log,

    /// <summary>Positive ratios by powers of ten, written with a multiplication sign.</summary>
    LogFactor,

    /// <summary>Positive lengths of time in seconds by powers of ten.</summary>
    LogSeconds,

    /// <summary>Day numbers (<see cref="DateOnly.DayNumber"/>), written as years.</summary>
    Date,
}

/// <summary>Points that belong together.</summary>
/// <param name="Legend">Its line in the legend; null for one that shares the colour of another.</param>
/// <param name="Colour">Index into <see cref="Palette"/>.</param>
public sealed record Series(string Name, string? Legend, Mark Mark, int Colour, IReadOnlyList<SeriesPoint> Points)
{
    /// <summary>Intervals are drawn at single points; along a curve they would hide it, and stand in its table alone.</summary>
    public bool HasIntervals => Mark is Mark.Points or Mark.OpenPoints && Points.Any(point => point is { Low: not null, High: not null });
}

/// <summary>How a series is drawn.</summary>
public enum Mark
{
    Line,
    Dashes,
    Points,

    /// <summary>Open circles: what is a bound, or not on the frontier.</summary>
    OpenPoints,

    /// <summary>Upright bars from <see cref="SeriesPoint.From"/> to the point.</summary>
    Bars,
}

/// <param name="Low">Lower end of the interval of <paramref name="Y"/>; null without one.</param>
/// <param name="Label">Name of what the point stands for; null for a point of a curve.</param>
/// <param name="Printed"><paramref name="Y"/> with the digits that its source printed; null for what was measured here.</param>
public sealed record SeriesPoint(double X, double Y, double? Low = null, double? High = null, string? Label = null, string? Printed = null)
{
    /// <summary>Where a bar begins; null for whatever is no bar.</summary>
    public double? From { get; init; }

    /// <summary>What stands beside the point, where that is shorter than its label.</summary>
    public string? ShortLabel { get; init; }

    /// <summary>What stands beside the point.</summary>
    public string? ShownLabel => ShortLabel ?? Label;
}
