using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;
using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>What one trial adds to a fit of scale.</summary>
/// <param name="Family">The method that it is of, whatever its size.</param>
/// <param name="Compute">Exact training FLOPs.</param>
/// <param name="Examples">Distinct training examples.</param>
/// <param name="Error">The distance of its last evaluation from the best value of the metric.</param>
public sealed record ScalePoint(string Family, string Trial, double Compute, double Examples, double Error);

/// <summary>A fitted number with the 2.5th and the 97.5th percentile of the bootstrap.</summary>
public sealed record ScaleEstimate(double Value, double Low, double High);

/// <summary>How much further the same compute, or data, goes in a family than in the first (arXiv:2212.05153).</summary>
/// <param name="Compute">Compute-augmenting progress: with it, compute counts as this many times more.</param>
/// <param name="Data">Data-augmenting progress, likewise; null where the data did not vary.</param>
public sealed record ScaleProgress(string Family, ScaleEstimate Compute, ScaleEstimate? Data);

/// <summary>
/// Error = irreducible + A (gain × compute)^−a + B (gain × examples)^−b, where the first family's gains are 1 and all share the rest.
/// Least squares on the logarithm of the error by Levenberg and Marquardt's method, intervals by a bootstrap of residuals.
/// </summary>
/// <param name="Families">The first one is what the others are compared to.</param>
/// <param name="ComputeExponent">a.</param>
/// <param name="DataExponent">b; null where the data did not vary, so that its term is in the irreducible part.</param>
/// <param name="ResidualDeviation">Of the logarithm of the error.</param>
/// <param name="Resamples">How many the intervals are made of.</param>
public sealed record ScaleFit(
    IReadOnlyList<string> Families,
    ScaleEstimate Irreducible,
    ScaleEstimate ComputeExponent,
    ScaleEstimate? DataExponent,
    IReadOnlyList<ScaleProgress> Progress,
    double ResidualDeviation,
    int Resamples
)
{
    /// <summary>Fewer values of the data than this do not tell a power law from a step.</summary>
    private const int MinDataSizes = 3;

    private const int MaxIterations = 200;

    // Its exponential is a number; a part that does not matter may become as small as it likes.
    private const double MaxLogarithm = 300;

    private static readonly double[] StartExponents = [0.2, 0.6, 1.5];
    private static readonly double[] StartIrreducible = [0.2, 0.8];

    private ScaleModel Model { get; init; } = new([], 0, 0, false);

    private Vector<double> Parameters { get; init; } = Vector<double>.Build.Dense(1);

    /// <summary>What the fit makes of a family at a size that need not have been measured.</summary>
    public double At(string family, double compute, double examples) =>
        Math.Exp(Model.LogError(Parameters, family, Math.Log(compute), Math.Log(examples)));

    /// <summary>Why so many points cannot be fitted, in a few words; null where they can.</summary>
    public static string? WhyNot(IReadOnlyList<ScalePoint> points)
    {
        if (points.FirstOrDefault(point => point is not { Compute: > 0, Examples: > 0, Error: > 0 and < double.MaxValue }) is { } useless)
            return $"{useless.Trial} has no error, compute or data that is above zero";
        var model = ScaleModel.Of(points, MinDataSizes);
        var needed = model.Count + 3;
        if (points.Count < needed)
            return FormattableString.Invariant($"{points.Count} trials are too few; {needed} are needed");
        return points.Select(point => point.Compute).Distinct().Count() < MinDataSizes + 1 ? "compute did not vary enough" : null;
    }

    /// <param name="points">That <see cref="WhyNot"/> has nothing against; the first is of the family that others are compared to.</param>
    /// <returns>Null where no start converges, or most resamples do not.</returns>
    public static ScaleFit? Of(IReadOnlyList<ScalePoint> points, int resamples = 400)
    {
        var model = ScaleModel.Of(points, MinDataSizes);
        var logErrors = Vector<double>.Build.DenseOfEnumerable(points.Select(point => Math.Log(point.Error)));
        if (Best(model, points, logErrors) is not { } best)
            return null;
        var fitted = model.LogErrors(best, points);
        var residuals = logErrors - fitted;
        // A fit has taken part of the scatter: scaled up, what is left has the variance that the points had.
        var scaled = residuals * Math.Sqrt((double)points.Count / (points.Count - model.Count));
        var random = Seeds.Generator(1, "fit of scale");
        var samples = new List<Vector<double>>();
        for (var resample = 0; resample < resamples; resample++)
        {
            var drawn = fitted.Map(value => value + scaled[random.Next(scaled.Count)]);
            if (Minimum(model, points, drawn, best) is { } sample)
                samples.Add(sample.Point);
        }

        if (samples.Count * 2 < resamples)
            return null;
        return new ScaleFit(
            model.Families,
            Estimate(best, samples, ScaleModel.Irreducible),
            Estimate(best, samples, ScaleModel.ComputeExponent),
            model.HasData ? Estimate(best, samples, ScaleModel.DataExponent) : null,
            [
                .. model
                    .Families.Skip(1)
                    .Select(family => new ScaleProgress(
                        family,
                        Estimate(best, samples, parameters => model.ComputeGain(parameters, family)),
                        model.HasData ? Estimate(best, samples, parameters => model.DataGain(parameters, family)) : null
                    )),
            ],
            Math.Sqrt(residuals.DotProduct(residuals) / (points.Count - model.Count)),
            samples.Count
        )
        {
            Model = model,
            Parameters = best,
        };
    }

    private static Vector<double>? Best(ScaleModel model, IReadOnlyList<ScalePoint> points, Vector<double> logErrors)
    {
        var starts =
            from compute in StartExponents
            from data in StartExponents
            from part in StartIrreducible
            select model.Start(logErrors, compute, data, part);
        return starts
            .Select(start => Minimum(model, points, logErrors, start))
            .OfType<(Vector<double> Point, double Squares)>()
            .OrderBy(minimum => minimum.Squares)
            .Select(minimum => minimum.Point)
            .FirstOrDefault();
    }

    private static (Vector<double> Point, double Squares)? Minimum(
        ScaleModel model,
        IReadOnlyList<ScalePoint> points,
        Vector<double> logErrors,
        Vector<double> start
    )
    {
        // The abscissa is the number of the point: what a model of several variables needs, it looks up.
        var numbers = Vector<double>.Build.Dense(points.Count, index => index);
        var objective = ObjectiveFunction.NonlinearModel(
            (parameters, _) => model.LogErrors(parameters, points),
            (parameters, _) => model.Derivatives(parameters, points),
            numbers,
            logErrors
        );
        try
        {
            var result = new LevenbergMarquardtMinimizer(maximumIterations: MaxIterations).FindMinimum(objective, start);
            var squares = result.ModelInfoAtMinimum.Value;
            return double.IsFinite(squares) && result.MinimizingPoint.All(value => double.IsFinite(value) && value < MaxLogarithm)
                ? (result.MinimizingPoint, squares)
                : null;
        }
        catch (ArgumentException)
        {
            // MathNet refuses the step that leads to no finite parameters.
            return null;
        }
    }

    private static ScaleEstimate Estimate(Vector<double> best, List<Vector<double>> samples, Func<Vector<double>, double> of)
    {
        var rising = samples.Select(of).Order().ToList();
        return new ScaleEstimate(of(best), Quantile(rising, 0.025), Quantile(rising, 0.975));
    }

    private static double Quantile(List<double> rising, double part)
    {
        var place = part * (rising.Count - 1);
        var below = (int)place;
        return below + 1 < rising.Count ? rising[below] + ((place - below) * (rising[below + 1] - rising[below])) : rising[below];
    }
}
