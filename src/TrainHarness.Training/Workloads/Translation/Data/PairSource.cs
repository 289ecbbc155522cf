using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>Where sentence pairs come from: the key <c>pairs</c> of a study.</summary>
public abstract record PairSource
{
    /// <summary>For people, and in records.</summary>
    public abstract string Name { get; }

    /// <summary>As the resolved study holds it.</summary>
    public abstract IReadOnlyDictionary<string, object?> Lines { get; }

    /// <summary>All of them, in the order of the source.</summary>
    /// <param name="place">Folder or file, in place of what the study names; null keeps that.</param>
    /// <exception cref="ConfigurationException">It is not there, or not as it must be.</exception>
    public abstract PairCorpus Read(string? place);

    /// <summary>Reads the key strictly.</summary>
    public static PairSource Read(ConfigurationNode node) =>
        node.Required("kind").Choice<Func<ConfigurationNode, PairSource>>(("generated", GeneratedPairs.Of), ("folder", PairFolder.Of), ("table", PairTable.Of))(node);
}
