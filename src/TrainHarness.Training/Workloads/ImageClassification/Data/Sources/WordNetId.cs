using System.Text.RegularExpressions;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// The id of a WordNet synset in a path, as ImageNet's files have it: <c>n01440764_10026_n01440764.JPEG</c>. It is a word of its own: what
/// only contains such letters and digits, as <c>scan20230101_0.png</c>, has none.
/// </summary>
internal static partial class WordNetId
{
    /// <summary>
    /// The id in the file's name, or in the nearest folder that has one. Null where there is none, or where two different ones stand
    /// beside each other.
    /// </summary>
    public static string? In(string path)
    {
        foreach (var part in path.Split('/', '\\').Reverse())
        {
            string[] ids = [.. Form().Matches(part).Select(match => match.Value).Distinct(StringComparer.Ordinal)];
            if (ids.Length > 0)
                return ids.Length == 1 ? ids[0] : null;
        }

        return null;
    }

    [GeneratedRegex(@"(?<=^|_)n[0-9]{8}(?=[_.]|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
