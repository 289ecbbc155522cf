using MathNet.Numerics.Distributions;
using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>Intervals of sums of means that were measured apart, each with its own spread.</summary>
internal static class LogContrast
{
    /// <summary>Half the width of the 95 % interval of Σ weight × mean, by Welch's t (Welch 1947; unpaired).</summary>
    /// <param name="terms">Samples with a weight of zero say nothing and are passed over.</param>
    /// <returns>Null where one has fewer than <see cref="ProtocolVersion.SeedsForInterval"/> values, and where none has a spread.</returns>
    public static double? Margin(IEnumerable<(double Weight, IReadOnlyList<double> Sample)> terms)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var (weight, sample) in terms.Where(term => term.Weight != 0))
        {
            if (sample.Count < ProtocolVersion.SeedsForInterval)
                return null;
            var term = weight * weight * ReductionFactor.Variance(sample) / sample.Count;
            sum += term;
            squares += term * term / (sample.Count - 1);
        }

        // Equal costs mean that the evaluations were too far apart to tell the seeds apart, not that the factor is exact.
        return sum == 0 ? null : StudentT.InvCDF(0, 1, sum * sum / squares, 0.975) * Math.Sqrt(sum);
    }
}
