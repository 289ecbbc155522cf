using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// The architectures of the user's own that a study names: by the place of a file, or, in a results folder, by a checksum alone.
/// </summary>
/// <param name="file">The study's.</param>
/// <param name="workload">Null where a results folder is read.</param>
internal sealed class SourceBook(string file, StudyVocabulary? workload)
{
    private readonly Dictionary<string, OwnSource> sources = new(StringComparer.Ordinal);

    public IReadOnlyList<OwnSource> All => [.. sources.Values];

    public bool Has(string architecture) => sources.ContainsKey(architecture);

    /// <summary>Reads names and checksums, as a resolved study has them.</summary>
    public void ReadChecksums(ConfigurationNode? node)
    {
        foreach (var (name, value) in node?.Pairs() ?? [])
        {
            if (!OwnSource.Names().IsMatch(name) || !OwnSource.Checksums().IsMatch(value.Text()))
                throw value.Error($"'{name}': '{value.Text()}' is no checksum of an architecture's code; allowed: 64 hexadecimal digits.");
            sources[name] = new OwnSource(name, null, null, value.Text());
        }
    }

    /// <returns>The name of the architecture.</returns>
    public string Named(ConfigurationNode node)
    {
        var text = node.Text();
        if (!OwnSource.IsPlace(text))
            return text;
        if (workload is null || OwnSource.IsOfResults(file))
            throw node.Error(
                $"'{text}': a results folder names no code; allowed: the name of an architecture, or another name than study.yaml for a "
                    + $"study file of your own."
            );
        if (!workload.TakesOwnArchitectures)
            throw node.Error(
                $"'{text}': {workload.Workload} takes no code of your own from a study; allowed: "
                    + $"{string.Join(", ", workload.Architectures)}."
            );
        var source = Read(text, node);
        // They name folders, which not every file system tells apart by case.
        if (workload.Architectures.Contains(source.Name, StringComparer.OrdinalIgnoreCase))
            throw node.Error($"'{source.Name}' is an architecture of this program; name the file otherwise.");
        if (
            sources.Values.FirstOrDefault(known => known.Name.Equals(source.Name, StringComparison.OrdinalIgnoreCase))
                is { File: not null } other
            && (other.File, other.Type) != (source.File, source.Type)
        )
            throw node.Error(
                $"'{source.Name}' is the name of two architectures: {other.File} and {source.File}; name one of them otherwise."
            );
        sources[source.Name] = source;
        return source.Name;
    }

    private OwnSource Read(string place, ConfigurationNode node)
    {
        try
        {
            return OwnSource.Read(place, Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
        catch (ConfigurationException error)
        {
            throw node.Error(error.Message);
        }
    }
}
