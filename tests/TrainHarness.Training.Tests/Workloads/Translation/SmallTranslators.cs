using TrainHarness.Training.Workloads.Translation.Architectures;

namespace TrainHarness.Training.Tests.Workloads.Translation;

/// <summary>Networks that are quick to build: the catalog's, and a ConvS2S that widens as the paper's own does.</summary>
internal static class SmallTranslators
{
    private static readonly IReadOnlyList<ConvolutionSize> Sizes = [new(64, Kernel: 3), new(96, Kernel: 3), new(128, Kernel: 1)];

    private static readonly TranslatorArchitecture Widening = TranslatorCatalog.ByName("conv_s2s_wmt_en_fr") with
    {
        Name = "conv_s2s_widening",
        Build = options => new ConvS2S(options, Sizes, Sizes, embedding: 64, outputs: 48),
    };

    public static TranslatorArchitecture ByName(string name) => name == Widening.Name ? Widening : TranslatorCatalog.ByName(name);
}
