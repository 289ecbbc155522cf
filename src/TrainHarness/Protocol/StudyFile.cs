using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// The study that a user names: by a file, or by the name of one in a configs folder, such as those that came with the program.
/// </summary>
public static class StudyFile
{
    private const string Kind = "studies";
    private const string Ending = ".yaml";

    /// <summary>A file of that name in the current folder comes before a study of that name.</summary>
    /// <param name="given">A path, or a name: <c>quickstart</c>.</param>
    /// <exception cref="ConfigurationException">There is neither, or a folder stands there.</exception>
    public static string Find(string given)
    {
        var name = Path.GetFileName(given.EndsWith(Ending, StringComparison.Ordinal) ? given[..^Ending.Length] : given);
        var isName = name.Length > 0 && Path.GetFileName(given) == given;
        var folders = ConfigurationFolders.WithoutStudy();
        if (isName && FindByName(given, name, folders) is { } found)
            return found;
        if (PlainFile.Exists(given))
            return given;
        var known = folders.NamesOf(Kind);
        throw new ConfigurationException(
            isName
                ? $"{given}: no such file, and no study has this name; {NearNames.Allowed(name, known)}"
                : $"{given}: no such file.{Hint(NearNames.Meant(name, known))}"
        );
    }

    private static string Hint(IReadOnlyList<string> near) =>
        near.Count == 0 ? "" : $" A study named {near[0]} is found from any folder: write {near[0]}.";

    private static string? FindByName(string given, string name, ConfigurationFolders folders) =>
        File.Exists(given) ? given
        : File.Exists(name + Ending) ? name + Ending
        : folders.TryFind(Kind, name);
}
