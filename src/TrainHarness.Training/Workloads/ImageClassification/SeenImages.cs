using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>
/// The part of the packed training images that a trial sees, the same for every seed: class after class, every so-manyth image, so that
/// each class keeps its share. A half contains the quarter.
/// </summary>
/// <param name="count">Of all training images.</param>
/// <param name="part">Above 0, at most 1.</param>
/// <param name="labels">Of all training images; asked for where they are to be read.</param>
internal sealed class SeenImages(int count, double part, Func<int[]> labels)
{
    private int[]? positions;

    /// <summary>How many they are.</summary>
    public int Count { get; } = CountOf(count, part);

    /// <inheritdoc cref="Count"/>
    /// <exception cref="ConfigurationException">None is left.</exception>
    public static int CountOf(int count, double part) =>
        Before(count, part) is > 0 and var seen
            ? seen
            : throw new ConfigurationException(
                FormattableString.Invariant($"data-{part} leaves none of {count} training images; allowed: a larger part.")
            );

    /// <param name="batches">Indices among those that are seen.</param>
    /// <returns>Positions among all.</returns>
    public IEnumerable<int[]> In(IEnumerable<int[]> batches)
    {
        if (part == 1)
            return batches;
        positions ??= Positions(labels());
        return batches.Select(batch => Array.ConvertAll(batch, index => positions[index]));
    }

    // The order is stable: within a class the images stay as they are packed.
    private int[] Positions(int[] classes) =>
        [
            .. Enumerable
                .Range(0, classes.Length)
                .OrderBy(at => classes[at])
                .Where((_, place) => Before(place + 1, part) > Before(place, part)),
        ];

    // In decimal arithmetic: as doubles, 0.07 × 100 is a little more than 7.
    private static int Before(int place, double part) => (int)Math.Floor(place * (decimal)part);
}
