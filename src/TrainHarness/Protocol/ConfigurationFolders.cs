namespace TrainHarness.Protocol;

/// <summary>
/// Where names in a study are looked up: the <c>configs</c> folder that holds the study, the one in the working folder, the one that came
/// with the program.
/// </summary>
public sealed class ConfigurationFolders
{
    private readonly IReadOnlyList<string> folders;

    private ConfigurationFolders(IReadOnlyList<string> folders) => this.folders = folders;

    public static ConfigurationFolders For(string studyFile) =>
        Of(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(studyFile))));

    /// <summary>Where no study is at hand.</summary>
    public static ConfigurationFolders WithoutStudy() => Of(besideStudy: null);

    /// <summary>Every file of a kind, in the order of their names; of equal names the one that <see cref="Find"/> takes.</summary>
    /// <param name="kind">The folder under configs: <c>recipes</c> or <c>datasets</c>.</param>
    public IReadOnlyList<string> All(string kind) =>
        [.. Names(kind).Select(name => folders.Select(folder => Path.Combine(folder, kind, name + ".yaml")).First(File.Exists))];

    private static ConfigurationFolders Of(string? besideStudy)
    {
        string?[] candidates =
        [
            besideStudy,
            Path.Combine(Environment.CurrentDirectory, "configs"),
            Path.Combine(AppContext.BaseDirectory, "configs"),
        ];
        return new ConfigurationFolders([.. candidates.OfType<string>().Where(Directory.Exists).Distinct()]);
    }

    /// <summary>The file of a named recipe or dataset.</summary>
    /// <param name="kind">The folder under configs: <c>recipes</c> or <c>datasets</c>.</param>
    /// <param name="place">Where the name stands, for the error.</param>
    public string Find(string kind, string name, ConfigurationNode place) =>
        TryFind(kind, name)
        ?? throw place.Error($"unknown {kind[..^1]} '{name}'; {NearNames.Allowed(name, Names(kind), $"trainharness {kind}")}");

    /// <summary>Names of every file of a kind, in order.</summary>
    /// <param name="kind">The folder under configs: <c>recipes</c>, <c>datasets</c> or <c>studies</c>.</param>
    public IReadOnlyList<string> NamesOf(string kind) => [.. Names(kind)];

    /// <summary>The file of a name; null where no folder has it.</summary>
    /// <param name="kind">As above.</param>
    public string? TryFind(string kind, string name) =>
        folders.Select(folder => Path.Combine(folder, kind, name + ".yaml")).FirstOrDefault(File.Exists);

    /// <summary>A file that lies in configs itself; null where no folder has it.</summary>
    public string? FindFile(string name) => folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private IEnumerable<string> Names(string kind) =>
        folders
            .Select(folder => Path.Combine(folder, kind))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml"))
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Distinct()
            .Order(StringComparer.Ordinal);
}
