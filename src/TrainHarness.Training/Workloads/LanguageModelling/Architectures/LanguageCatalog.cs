namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>Every network of language modelling that can be trained.</summary>
internal static class LanguageCatalog
{
    /// <summary>In order of publication.</summary>
    public static IReadOnlyList<LanguageArchitecture> All { get; } =
    [.. RegularisedLstm.Members, .. TransformerDecoder.Members, .. Gpt.Members, .. Llama.Members];

    /// <param name="name">One of them.</param>
    public static LanguageArchitecture ByName(string name) => All.First(architecture => architecture.Name == name);
}
