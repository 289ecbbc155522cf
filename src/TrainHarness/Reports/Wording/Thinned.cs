namespace TrainHarness.Reports.Wording;

/// <summary>Long curves, shortened for drawing.</summary>
internal static class Thinned
{
    /// <summary>At most <paramref name="count"/> values, evenly chosen, the first and the last among them.</summary>
    public static IReadOnlyList<T> To<T>(IReadOnlyList<T> values, int count) =>
        values.Count <= count
            ? values
            : [.. Enumerable.Range(0, count).Select(index => values[(int)Math.Round(index * (values.Count - 1.0) / (count - 1))])];
}
