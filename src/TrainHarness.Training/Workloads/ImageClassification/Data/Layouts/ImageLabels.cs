using System.Globalization;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>The classes of images that a list names, with or without their extensions.</summary>
/// <param name="list">Name of the list, for messages.</param>
/// <param name="classOf">By an image's file name.</param>
internal sealed class ImageLabels(string list, IReadOnlyDictionary<string, string> classOf)
{
    private readonly HashSet<string> found = new(StringComparer.Ordinal);

    public string List => list;

    public bool HasFound => found.Count > 0;

    /// <summary>The class of an image that is there; null where the list does not name it.</summary>
    public string? ClassOf(string fileName)
    {
        var name = classOf.ContainsKey(fileName) ? fileName : Path.GetFileNameWithoutExtension(fileName);
        if (!classOf.TryGetValue(name, out var className))
            return null;
        found.Add(name);
        return className;
    }

    /// <exception cref="ConfigurationException">The list names images that were not found.</exception>
    /// <param name="among">Of these classes; null asks for all.</param>
    public void RequireAllFound(string where, IReadOnlySet<string>? among)
    {
        var absent = classOf
            .Where(pair => !found.Contains(pair.Key) && (among is null || among.Contains(pair.Value)))
            .Select(pair => pair.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (absent.Count > 0)
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{where}: {list} names {absent.Count} of {classOf.Count} images that are not there, first {absent[0]}; allowed: "
                        + $"every image of the list"
                )
            );
    }
}
