using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Charts;

/// <summary>The stretch of an axis that a chart shows, in drawing units: logarithms to base ten where the scale is logarithmic.</summary>
public sealed record AxisRange(Scale Scale, double Low, double High)
{
    private const double DaysPerYear = 365.2425;

    private static readonly int[] EvenSteps = [1, 2, 5, 10];
    private static readonly double[] RoundSeconds = [1, 10, 60, 600, 3600, 36_000, 360_000, 3_600_000];
    private static readonly int[] YearSteps = [1, 2, 5, 10, 20];

    /// <summary>All values with a margin; never empty.</summary>
    public static AxisRange Of(Axis axis, IEnumerable<double> values)
    {
        var scale = axis.Scale;
        var drawn = values.Select(value => Drawn(scale, value)).Where(double.IsFinite).ToList();
        if (drawn.Count == 0)
            return new AxisRange(scale, 0, 1);
        var (low, high) = (drawn.Min(), drawn.Max());
        // A single value gets a neighbourhood: two years, a factor of three, a tenth.
        var neighbourhood = scale switch
        {
            Scale.Date => 2 * DaysPerYear,
            Scale.Percent => 0.1,
            Scale.Level => high == 0 ? 1 : 0.1 * Math.Abs(high),
            Scale.Linear => 1,
            _ => 0.5,
        };
        var margin = Math.Max((high - low) * 0.07, (neighbourhood - (high - low)) / 2);
        var (min, max) = (axis.Min ?? double.NegativeInfinity, axis.Max ?? double.PositiveInfinity);
        return new AxisRange(scale, Math.Max(min, low - margin), Math.Min(max, high + margin));
    }

    /// <summary>What a chart shows from left to right.</summary>
    public static AxisRange Across(Chart chart) =>
        chart.X.Names is { } names
            // Half a place to each side, for bars.
            ? new AxisRange(chart.X.Scale, 0.5, names.Count + 0.5)
            : Of(chart.X, chart.Series.SelectMany(series => series.Points).Select(point => point.X));

    /// <summary>What a chart shows from the bottom up, intervals of single points included.</summary>
    public static AxisRange Up(Chart chart) =>
        Of(
            chart.Y,
            chart
                .Series.SelectMany(
                    series => series.Points,
                    (series, point) =>
                        (double[])(
                            series.HasIntervals ? [point.Y, point.Low ?? point.Y, point.High ?? point.Y] : [point.Y, point.From ?? point.Y]
                        )
                )
                .SelectMany(values => values)
        );

    /// <summary>Where a value lies, from 0 at the low end to 1 at the high one.</summary>
    public double PartOf(double value) => (Drawn(Scale, value) - Low) / (High - Low);

    /// <summary>A value in drawing units; negative infinity for what a logarithmic scale cannot show.</summary>
    public static double Drawn(Scale scale, double value) => IsLog(scale) ? Math.Log10(value) : value;

    public static bool IsLog(Scale scale) => scale is Scale.Log or Scale.LogFactor or Scale.LogSeconds;

    /// <summary>A value of a chart in words, with the digits that <see cref="Shown"/> gives it.</summary>
    public static string Text(Scale scale, double value) => Text(scale, value, SignificantDigits.Of);

    /// <summary>A round value as it stands at its axis, without zeros that say nothing there.</summary>
    private static string Tick(Scale scale, double value) =>
        Text(scale, value, (number, digits) => number.ToString($"G{digits}", CultureInfo.InvariantCulture));

    private static string Text(Scale scale, double value, Func<double, int, string> number) =>
        scale switch
        {
            Scale.Percent => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value * 100, 6)} %"),
            Scale.Log => Prefixed(value, number),
            Scale.LogFactor => number(value, 3) + "×",
            Scale.LogSeconds => Seconds(value, number),
            Scale.Date => DateOnly.FromDayNumber((int)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Scale.Level => number(value, 4),
            _ => number(value, 3),
        };

    /// <summary>Where the axis is marked, in drawing units; an empty text marks a lesser tick.</summary>
    public IReadOnlyList<(double Position, string Text)> Ticks() =>
        [
            .. Scale switch
            {
                Scale.Date => DateTicks(),
                Scale.Linear or Scale.Percent or Scale.Level => EvenTicks(),
                Scale.LogSeconds => TimeTicks(),
                _ => LogTicks(),
            },
        ];

    /// <summary>Powers of ten of seconds are no round times.</summary>
    private IEnumerable<(double Position, string Text)> TimeTicks()
    {
        foreach (var start in RoundSeconds)
        {
            double[] steps = High - Low < 1.2 ? [1, 2, 3, 5] : [1, 3];
            foreach (var value in steps.Select(times => times * start))
            {
                var position = Math.Log10(value);
                if (position >= Low && position <= High)
                    yield return (position, Tick(Scale, value));
            }
        }
    }

    private IEnumerable<(double Position, string Text)> LogTicks()
    {
        // Over few decades the twos and fives are written too, and over a part of one all digits.
        int[] written = (High - Low) switch
        {
            < 0.7 => [1, 2, 3, 4, 5, 6, 7, 8, 9],
            < 2 => [1, 2, 5],
            _ => [1],
        };
        for (var decade = (int)Math.Floor(Low); decade <= High; decade++)
        {
            for (var digit = 1; digit <= 9; digit++)
            {
                var value = digit * Math.Pow(10, decade);
                var position = Math.Log10(value);
                if (position < Low || position > High)
                    continue;
                yield return (position, written.Contains(digit) ? Tick(Scale, value) : "");
            }
        }
    }

    private IEnumerable<(double Position, string Text)> EvenTicks()
    {
        var rough = (High - Low) / 8;
        var size = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = EvenSteps.Select(times => times * size).First(candidate => candidate >= rough);
        for (var count = Math.Ceiling(Low / step); count * step <= High; count++)
            yield return (count * step, Tick(Scale, Math.Round(count * step, 9)));
    }

    private IEnumerable<(double Position, string Text)> DateTicks()
    {
        var (from, to) = (DateOnly.FromDayNumber((int)Low), DateOnly.FromDayNumber((int)High));
        var step = YearSteps.FirstOrDefault(years => (to.Year - from.Year) / years <= 10, 50);
        for (var year = from.Year - (from.Year % step); year <= to.Year; year += step)
        {
            var position = new DateOnly(Math.Max(year, 1), 1, 1).DayNumber;
            if (position >= Low && position <= High)
                yield return (position, year.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string Prefixed(double value, Func<double, int, string> number)
    {
        (double Size, string Prefix)[] prefixes =
        [
            (1e24, "Y"),
            (1e21, "Z"),
            (1e18, "E"),
            (1e15, "P"),
            (1e12, "T"),
            (1e9, "G"),
            (1e6, "M"),
            (1e3, "k"),
        ];
        foreach (var (size, prefix) in prefixes)
        {
            if (value >= size * 0.999999)
                return $"{number(value / size, 4)} {prefix}";
        }

        return number(value, 4);
    }

    private static string Seconds(double value, Func<double, int, string> number) =>
        value switch
        {
            < 60 => number(value, 3) + " s",
            < 3600 => number(value / 60, 3) + " min",
            _ => number(value / 3600, 3) + " h",
        };
}
