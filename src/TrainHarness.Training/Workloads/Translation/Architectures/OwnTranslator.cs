using TorchSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>A network of translation that is code of the user's own.</summary>
internal static class OwnTranslator
{
    private const int Pairs = 2;
    private const int SourceLength = 7;
    private const int TargetLength = 5;

    // How many subwords there are is known when the sentences are.
    private static readonly TranslatorOptions Probed = new(Vocabulary: 20, Dropout: 0);

    /// <exception cref="ConfigurationException">It does not compile.</exception>
    public static bool Fits(OwnSource source) => OwnModel<Translator, TranslatorOptions>.Fits(source);

    /// <exception cref="ConfigurationException">It does not compile, is no translator, or its constructor throws.</exception>
    public static TranslatorArchitecture Of(OwnSource source)
    {
        var model = Model(source);
        return new(source.Name, model.Published, model.Paper, model.Build)
        {
            HasBatchNormalisation = model.HasBatchNormalisation,
            SourceSha256 = source.Sha256,
        };
    }

    /// <summary>
    /// What a training step on two pairs of seven and five positions costs, in which layers and operators agree. Some words are written as
    /// well, where they must agree too.
    /// </summary>
    /// <exception cref="ConfigurationException">It cannot be counted, does not run, or sees what it is to tell.</exception>
    public static StepCount Price(OwnSource source)
    {
        var model = Model(source);
        return model.Count(
            Probed,
            Pairs,
            FormattableString.Invariant($"pairs of {SourceLength} and {TargetLength} subwords out of {Probed.Vocabulary}"),
            network =>
            {
                var (sources, targets) = (Blank(SourceLength), Blank(TargetLength));
                var logits = network.call(sources, targets);
                model.RequireShape(
                    network,
                    $"{Pairs} pairs of {SourceLength} and {TargetLength}",
                    logits,
                    [Pairs, TargetLength, Probed.Vocabulary],
                    "a number for each subword at each place of the target"
                );
                return functional.cross_entropy(logits.flatten(0, 1), targets.flatten());
            },
            network =>
            {
                var (sources, targets) = (Blank(SourceLength), Blank(TargetLength));
                using Scalar other = SubwordModel.Unknown + 1;
                targets.select(0, 1).select(0, TargetLength - 1).fill_(other);
                model.RequireNoForesight(network, network.call(sources, targets), "subwords");
                NetworkPricer.PriceForward(network, Pairs, () => Written(network, sources));
            }
        );
    }

    // Two words, the second after one translation was chosen twice.
    private static Tensor Written(Translator network, Tensor sources)
    {
        using var decoding = network.Start(sources, TargetLength);
        using Scalar begin = SubwordModel.Begin,
            unknown = SubwordModel.Unknown;
        decoding.Next(full([Pairs], begin, dtype: ScalarType.Int64));
        decoding.Keep(ones(Pairs, dtype: ScalarType.Int64));
        return decoding.Next(full([Pairs], unknown, dtype: ScalarType.Int64));
    }

    private static Tensor Blank(int length)
    {
        using Scalar unknown = SubwordModel.Unknown;
        return full([Pairs, length], unknown, dtype: ScalarType.Int64);
    }

    private static OwnModel<Translator, TranslatorOptions> Model(OwnSource source) =>
        OwnModel<Translator, TranslatorOptions>.Of(source, Probed, nameof(TranslatorOptions));
}
