using MathNet.Numerics.LinearAlgebra;

namespace TrainHarness.Analysis;

/// <summary>
/// The model of <see cref="ScaleFit"/>. Its parameters are logarithms, so that each may be any number: of A, a and the irreducible part,
/// then of B and b where the data varied, then of the gains of each further family.
/// </summary>
/// <param name="middleCompute">Mean logarithm of compute, around which the power law is written.</param>
/// <param name="middleExamples">Likewise.</param>
internal sealed class ScaleModel(IReadOnlyList<string> families, double middleCompute, double middleExamples, bool hasData)
{
    private const int LogA = 0;
    private const int LogComputeExponent = 1;
    private const int LogIrreducible = 2;
    private const int LogB = 3;
    private const int LogDataExponent = 4;

    public IReadOnlyList<string> Families => families;

    public bool HasData => hasData;

    /// <summary>Number of parameters.</summary>
    public int Count => Own + ((families.Count - 1) * Gains);

    private int Own => hasData ? 5 : 3;

    private int Gains => hasData ? 2 : 1;

    public static ScaleModel Of(IReadOnlyList<ScalePoint> points, int minDataSizes) =>
        new(
            [.. points.Select(point => point.Family).Distinct()],
            points.Average(point => Math.Log(point.Compute)),
            points.Average(point => Math.Log(point.Examples)),
            points.Select(point => point.Examples).Distinct().Count() >= minDataSizes
        );

    /// <param name="irreducible">As a part of the smallest error.</param>
    public Vector<double> Start(Vector<double> logErrors, double computeExponent, double dataExponent, double irreducible)
    {
        var start = Vector<double>.Build.Dense(Count);
        var rest = Math.Exp(logErrors.Average()) - (irreducible * Math.Exp(logErrors.Minimum()));
        start[LogA] = Math.Log(rest / Gains);
        start[LogComputeExponent] = Math.Log(computeExponent);
        start[LogIrreducible] = logErrors.Minimum() + Math.Log(irreducible);
        if (hasData)
            (start[LogB], start[LogDataExponent]) = (Math.Log(rest / Gains), Math.Log(dataExponent));
        return start;
    }

    public static double Irreducible(Vector<double> parameters) => Math.Exp(parameters[LogIrreducible]);

    public static double ComputeExponent(Vector<double> parameters) => Math.Exp(parameters[LogComputeExponent]);

    public static double DataExponent(Vector<double> parameters) => Math.Exp(parameters[LogDataExponent]);

    public double ComputeGain(Vector<double> parameters, string family) => Math.Exp(LogGain(parameters, FamilyIndex(family), 0));

    public double DataGain(Vector<double> parameters, string family) => Math.Exp(LogGain(parameters, FamilyIndex(family), 1));

    public Vector<double> LogErrors(Vector<double> parameters, IReadOnlyList<ScalePoint> points) =>
        Vector<double>.Build.DenseOfEnumerable(
            points.Select(point => LogError(parameters, point.Family, Math.Log(point.Compute), Math.Log(point.Examples)))
        );

    public double LogError(Vector<double> parameters, string family, double logCompute, double logExamples)
    {
        var (byCompute, byData) = Terms(parameters, FamilyIndex(family), logCompute, logExamples, out _, out _);
        return Math.Log(Irreducible(parameters) + byCompute + byData);
    }

    /// <summary>Of the logarithm of every point's error by every parameter.</summary>
    public Matrix<double> Derivatives(Vector<double> parameters, IReadOnlyList<ScalePoint> points)
    {
        var derivatives = Matrix<double>.Build.Dense(points.Count, Count);
        for (var row = 0; row < points.Count; row++)
        {
            var family = FamilyIndex(points[row].Family);
            var (logCompute, logExamples) = (Math.Log(points[row].Compute), Math.Log(points[row].Examples));
            var (byCompute, byData) = Terms(parameters, family, logCompute, logExamples, out var compute, out var data);
            var irreducible = Irreducible(parameters);
            var error = irreducible + byCompute + byData;
            derivatives[row, LogA] = byCompute / error;
            derivatives[row, LogComputeExponent] = -byCompute * ComputeExponent(parameters) * compute / error;
            derivatives[row, LogIrreducible] = irreducible / error;
            if (family > 0)
                derivatives[row, GainIndex(family, 0)] = -byCompute * ComputeExponent(parameters) / error;
            if (!hasData)
                continue;
            derivatives[row, LogB] = byData / error;
            derivatives[row, LogDataExponent] = -byData * DataExponent(parameters) * data / error;
            if (family > 0)
                derivatives[row, GainIndex(family, 1)] = -byData * DataExponent(parameters) / error;
        }

        return derivatives;
    }

    /// <param name="compute">Its logarithm from the middle, with the family's gain.</param>
    /// <param name="data">Likewise.</param>
    private (double ByCompute, double ByData) Terms(
        Vector<double> parameters,
        int family,
        double logCompute,
        double logExamples,
        out double compute,
        out double data
    )
    {
        compute = logCompute - middleCompute + LogGain(parameters, family, 0);
        data = logExamples - middleExamples + (hasData ? LogGain(parameters, family, 1) : 0);
        return (
            Math.Exp(parameters[LogA] - (ComputeExponent(parameters) * compute)),
            hasData ? Math.Exp(parameters[LogB] - (DataExponent(parameters) * data)) : 0
        );
    }

    private double LogGain(Vector<double> parameters, int family, int which) => family == 0 ? 0 : parameters[GainIndex(family, which)];

    private int GainIndex(int family, int which) => Own + ((family - 1) * Gains) + which;

    private int FamilyIndex(string family)
    {
        for (var index = 0; index < families.Count; index++)
        {
            if (families[index] == family)
                return index;
        }

        throw new ArgumentException($"'{family}' was not fitted.", nameof(family));
    }
}
