using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;

namespace TrainHarness.Reports.Charts;

/// <summary>Error against compute and against data, as measured and as fitted.</summary>
public static class ScaleCharts
{
    public const string ByCompute = "scale-compute";
    public const string ByData = "scale-data";

    /// <summary>How far a fit is drawn beyond what was measured.</summary>
    private const double Beyond = 10;

    private const int Steps = 40;

    /// <summary>Null without a fit.</summary>
    public static Chart? Compute(ScaleSummary? scale)
    {
        if (scale is not { Fit: { } fit })
            return null;
        var data = scale.Points.Max(point => point.Examples);
        return Of(
            ByCompute,
            "Error against training compute",
            new Axis("training FLOPs (exact)", Scale.Log),
            scale,
            fit,
            point => point.Compute,
            (family, compute) => fit.At(family, compute, data),
            string.Create(CultureInfo.InvariantCulture, $"The lines are the fit at {data:F0} examples, the most data that was measured.")
        );
    }

    /// <summary>Null without a fit, and where the data did not vary.</summary>
    public static Chart? Data(ScaleSummary? scale)
    {
        if (scale is not { Fit: { DataExponent: not null } fit })
            return null;
        var compute = scale.Points.Max(point => point.Compute);
        return Of(
            ByData,
            "Error against distinct training examples",
            new Axis("distinct training examples", Scale.Log),
            scale,
            fit,
            point => point.Examples,
            (family, examples) => fit.At(family, compute, examples),
            $"The lines are the fit at {SignificantDigits.Of(compute)} FLOPs, the most compute that was measured."
        );
    }

    private static Chart Of(
        string name,
        string title,
        Axis across,
        ScaleSummary scale,
        ScaleFit fit,
        Func<ScalePoint, double> x,
        Func<string, double, double> error,
        string held
    )
    {
        var families = fit.Families.Take(Palette.Count).ToList();
        var dashed = string.Create(CultureInfo.InvariantCulture, $"extrapolated, up to {Beyond:F0} times outside what was measured");
        return new Chart(
            name,
            title,
            $"Every trial of {string.Join(", ", families)}, and the power law with an irreducible part through all of them. "
                + $"{held} Dashed: {dashed}.",
            across,
            new Axis($"distance of {scale.Metric} from its best", Scale.Log),
            [.. families.SelectMany((family, index) => Series(family, index, scale, x, error, dashed))],
            fit.Families.Count > families.Count
                ? string.Create(CultureInfo.InvariantCulture, $"The first {families.Count} of {fit.Families.Count} families.")
                : null
        );
    }

    private static IEnumerable<Series> Series(
        string family,
        int colour,
        ScaleSummary scale,
        Func<ScalePoint, double> x,
        Func<string, double, double> error,
        string dashed
    )
    {
        var points = scale.Points.Where(point => point.Family == family).ToList();
        var (low, high) = (points.Min(x), points.Max(x));
        yield return new Series(family, family, Mark.Points, colour, [.. points.Select(point => new SeriesPoint(x(point), point.Error))]);
        yield return new Series($"{family}, fitted", null, Mark.Line, colour, Line(low, high));
        yield return new Series($"{family}, {dashed}", colour == 0 ? dashed : null, Mark.Dashes, colour, Line(high, high * Beyond));

        IReadOnlyList<SeriesPoint> Line(double from, double to) =>
            [
                .. Enumerable
                    .Range(0, Steps + 1)
                    .Select(step => from * Math.Pow(to / from, (double)step / Steps))
                    .Select(value => new SeriesPoint(value, error(family, value))),
            ];
    }
}
