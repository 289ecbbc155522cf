using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation.Data;

/// <summary>Where sentence pairs come from: the key <c>pairs</c> of a study.</summary>
public abstract record PairSource
{
    /// <summary>Every source that a study may name.</summary>
    public static Variants<PairSource> Kinds { get; } =
        new(
            Variant.Of<PairSource, GeneratedPairs>("generated", "Two languages that a seed makes up.", GeneratedPairs.Fields),
            Variant.Of<PairSource, PairFolder>(
                "folder",
                "Two files for every split, line by line each other's translations.",
                PairFolder.Fields
            ),
            Variant.Of<PairSource, PairTable>("table", "One file with a pair on every line, the two apart by a tab.", PairTable.Fields)
        );

    /// <summary>For people, and in records.</summary>
    public abstract string Name { get; }

    /// <summary>All of them, in the order of the source.</summary>
    /// <param name="place">Folder or file, in place of what the study names; null keeps that.</param>
    /// <exception cref="ConfigurationException">It is not there, or not as it must be.</exception>
    public abstract PairCorpus Read(string? place);
}
