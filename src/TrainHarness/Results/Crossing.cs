using TrainHarness.Protocol;

namespace TrainHarness.Results;

/// <summary>Where a curve reached a threshold.</summary>
/// <param name="First">Index of the first evaluation at the threshold or better.</param>
/// <param name="Sustained">
/// Index of the first evaluation at it or better that was never followed by a worse one; null where the last was worse.
/// </param>
public sealed record Crossing(int First, int? Sustained)
{
    /// <summary>Null where no value reached the threshold.</summary>
    public static Crossing? Find(IReadOnlyList<double> values, double threshold, Metric metric)
    {
        var first = -1;
        int? sustained = null;
        for (var index = 0; index < values.Count; index++)
        {
            if (!metric.Reaches(values[index], threshold))
            {
                sustained = null;
                continue;
            }

            if (first < 0)
                first = index;
            sustained ??= index;
        }

        return first < 0 ? null : new Crossing(first, sustained);
    }
}
