using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.LanguageModelling.Data;

/// <summary>Where text comes from: the key <c>text</c> of a study.</summary>
public abstract record TextSource
{
    /// <summary>Every source that a study may name.</summary>
    public static Variants<TextSource> Kinds { get; } =
        new(
            Variant.Of<TextSource, GeneratedText>("generated", "Sentences of a language that a seed makes up.", GeneratedText.Fields),
            Variant.Of<TextSource, TextFile>("file", "One file of text.", TextFile.Fields)
        );

    /// <summary>For people, and in records.</summary>
    public abstract string Name { get; }

    /// <summary>All of it. Every line has its end, which is one character.</summary>
    /// <param name="place">A file, in place of what the study names; null keeps that.</param>
    /// <exception cref="ConfigurationException">It is not there, or not as it must be.</exception>
    public abstract string Read(string? place);
}
