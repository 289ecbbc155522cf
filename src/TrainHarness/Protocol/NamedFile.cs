using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// A configuration that a user names: by a file, or by the name of one in a configs folder, such as those that came with the program.
/// </summary>
internal static class NamedFile
{
    private const string Ending = ".yaml";

    /// <summary>A file of that name in the current folder comes before a configuration of that name.</summary>
    /// <param name="kind">The folder under configs: <c>studies</c>.</param>
    /// <param name="noun">What one of them is called: <c>study</c>.</param>
    /// <param name="given">A path, or a name: <c>quickstart</c>.</param>
    /// <exception cref="ConfigurationException">There is neither, or a folder stands there.</exception>
    public static string Find(string kind, string noun, string given)
    {
        var name = Path.GetFileName(given.EndsWith(Ending, StringComparison.Ordinal) ? given[..^Ending.Length] : given);
        var isName = name.Length > 0 && Path.GetFileName(given) == given;
        var folders = ConfigurationFolders.WithoutStudy();
        if (isName && FindByName(kind, given, name, folders) is { } found)
            return found;
        if (PlainFile.Exists(given))
            return given;
        var known = folders.NamesOf(kind);
        throw new ConfigurationException(
            isName
                ? $"{given}: no such file, and no {noun} has this name; {NearNames.Allowed(name, known)}"
                : $"{given}: no such file.{Hint(noun, NearNames.Meant(name, known))}"
        );
    }

    private static string Hint(string noun, IReadOnlyList<string> near) =>
        near.Count == 0 ? "" : $" A {noun} named {near[0]} is found from any folder: write {near[0]}.";

    private static string? FindByName(string kind, string given, string name, ConfigurationFolders folders) =>
        File.Exists(given) ? given
        : File.Exists(name + Ending) ? name + Ending
        : folders.TryFind(kind, name);
}
