namespace TrainHarness.Analysis;

/// <summary>Where a curve reached a threshold.</summary>
/// <param name="First">Index of the first evaluation at or above the threshold.</param>
/// <param name="Sustained">Index of the first evaluation at or above it that was never followed by one below; null where the last fell below.</param>
public sealed record Crossing(int First, int? Sustained)
{
    /// <summary>Null where no value reached the threshold.</summary>
    public static Crossing? Find(IReadOnlyList<double> metric, double threshold)
    {
        var first = -1;
        int? sustained = null;
        for (var index = 0; index < metric.Count; index++)
        {
            if (metric[index] < threshold)
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
