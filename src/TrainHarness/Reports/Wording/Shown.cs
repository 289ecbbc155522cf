using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Reports.Wording;

/// <summary>How numbers stand in tables that people read; the same in the terminal and in files, in every culture.</summary>
public static class Shown
{
    public const string Unknown = "–";

    /// <summary>Four significant digits with a decimal prefix: 4.602e11 → <c>460.2 G</c>.</summary>
    public static string Macs(Macs? macs) =>
        macs is { } count
            ? count.Count < 1000
                ? count.ToString()
                : Prefixed(count.ToDouble(), 4, "")
            : Unknown;

    /// <summary>Three significant digits with a decimal prefix: 3.1e10 → <c>31 GFLOP/s</c>.</summary>
    public static string Rate(FlopRate rate) => Prefixed(rate.PerSecond, 3, "FLOP/s");

    /// <summary>Three significant digits with a decimal prefix: 87654321 → <c>87.7 MB</c>.</summary>
    public static string Bytes(long bytes)
    {
        (double Size, string Unit)[] units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
        foreach (var (size, unit) in units)
        {
            if (bytes >= size)
                return $"{SignificantDigits.Of(bytes / size)} {unit}";
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
    }

    public static string Percent(double? part) =>
        part is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value * 100:F1} %") : Unknown;

    /// <summary>A value of a metric: <c>63.0 %</c>, <c>34.8</c>, <c>3.28</c>, an Elo rating of <c>1523</c>.</summary>
    public static string Level(Metric metric, double? level) =>
        (metric.Unit, level) switch
        {
            (_, null) => Unknown,
            (MetricUnit.Percent, _) => Percent(level),
            (MetricUnit.Points, { } points) => points.ToString("F1", CultureInfo.InvariantCulture),
            (_, { } number) => number.ToString(Math.Abs(number) is >= 1000 and < 1e9 ? "F0" : "G4", CultureInfo.InvariantCulture),
        };

    /// <summary>What a trial has to reach, after "a" or "the": <c>top1 of 63.0 %</c>, <c>loss of at most 3.28</c>.</summary>
    public static string Goal(Metric metric, double threshold) =>
        $"{metric.Name} of {(metric.Better == Better.More ? "" : "at most ")}{Level(metric, threshold)}";

    /// <summary><c>a top1</c>, <c>an elo</c>.</summary>
    public static string WithArticle(string noun) =>
        (noun.Length > 0 && "aeiouAEIOU".Contains(noun[0], StringComparison.Ordinal) ? "an " : "a ") + noun;

    public static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? Unknown;

    public static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? Unknown;

    public static string Months(double? months) => months is { } value ? $"{SignificantDigits.Of(value)} months" : Unknown;

    private static string Prefixed(double value, int digits, string unit)
    {
        (double Size, string Prefix)[] prefixes = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
        foreach (var (size, prefix) in prefixes)
        {
            if (value >= size)
                return $"{SignificantDigits.Of(value / size, digits)} {prefix}{unit}";
        }

        return $"{SignificantDigits.Of(value, digits)} {unit}".TrimEnd();
    }

    /// <summary>A length of time as h:mm:ss or m:ss.</summary>
    public static string Duration(double? seconds)
    {
        if (seconds is not { } value || !double.IsFinite(value))
            return Unknown;
        var span = TimeSpan.FromSeconds(Math.Round(value));
        return span.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}:{span.Seconds:00}");
    }

    /// <summary>Three significant digits: <c>11.2×</c>.</summary>
    public static string Times(double? factor) => factor is { } value ? $"{SignificantDigits.Of(value)}×" : Unknown;

    /// <summary>A factor with its interval or bound: <c>11.2× (9.8 to 12.9)</c>.</summary>
    public static string Factor(EntrySummary entry) =>
        entry.ReductionFactor is { } factor
            ? Factor(new ReductionFactor(factor, entry.Low, entry.High, entry.Bound, entry.Resolved))
            : Unknown;

    /// <summary>Likewise.</summary>
    public static string Factor(ReductionFactor? factor) =>
        factor switch
        {
            null => Unknown,
            { Bound: Bound.AtMost } => $"at most {Times(factor.Factor)}",
            { Bound: Bound.AtLeast } => $"at least {Times(factor.Factor)}",
            { Low: { } low, High: { } high } => $"{Times(factor.Factor)} ({SignificantDigits.Of(low)} to {SignificantDigits.Of(high)})",
            _ => Times(factor.Factor),
        };

    /// <summary>Likewise, and whether it is unresolved, for a cell of a table.</summary>
    public static string MarkedFactor(EntrySummary entry) =>
        Factor(entry) + (entry is { ReductionFactor: not null, Bound: null } ? Mark(entry.Resolved) : "");

    /// <summary>Likewise.</summary>
    public static string MarkedFactor(ReductionFactor? factor) => Factor(factor) + (factor is { Bound: null } ? Mark(factor.Resolved) : "");

    /// <summary>What stands behind a factor that its evaluations do not resolve.</summary>
    public static string Mark(bool isResolved) => isResolved ? "" : " unresolved";
}
