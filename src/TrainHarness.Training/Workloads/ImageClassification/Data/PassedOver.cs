using System.Globalization;

namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>How many files of a source were not read, by reason.</summary>
internal sealed class PassedOver
{
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, int> Counts => counts;

    public void Add(string reason) => counts[reason] = counts.GetValueOrDefault(reason) + 1;

    /// <summary><c>3 files passed over: 2 not an image, 1 hidden</c>; null where none was.</summary>
    public static string? Words(IReadOnlyDictionary<string, int> counts)
    {
        var total = counts.Values.Sum(count => (long)count);
        var reasons = counts
            .OrderByDescending(reason => reason.Value)
            .ThenBy(reason => reason.Key, StringComparer.Ordinal)
            .Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Value} {reason.Key}"));
        return total == 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{total} {(total == 1 ? "file" : "files")} passed over: {string.Join(", ", reasons)}"
            );
    }
}
