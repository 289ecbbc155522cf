namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>Every network of translation that can be trained.</summary>
internal static class TranslatorCatalog
{
    /// <summary>In order of publication.</summary>
    public static IReadOnlyList<TranslatorArchitecture> All { get; } =
    [.. RnnSearch.Members, .. Seq2Seq.Members, .. LuongLstm.Members, .. Gnmt.Members, .. ConvS2S.Members, .. Transformer.Members];

    /// <param name="name">One of them.</param>
    public static TranslatorArchitecture ByName(string name) => All.First(architecture => architecture.Name == name);
}
