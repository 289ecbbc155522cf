using TorchSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>A network of language modelling that is code of the user's own.</summary>
internal static class OwnLanguageModel
{
    private const int Windows = 2;

    // How many units there are is known when the text is.
    private static readonly LanguageModelOptions Probed = new(Vocabulary: 20, Context: 8, Dropout: 0);

    /// <exception cref="ConfigurationException">It does not compile.</exception>
    public static bool Fits(OwnSource source) => OwnModel<LanguageModel, LanguageModelOptions>.Fits(source);

    /// <exception cref="ConfigurationException">It does not compile, is no language model, or its constructor throws.</exception>
    public static LanguageArchitecture Of(OwnSource source)
    {
        var model = Model(source);
        return new(source.Name, model.Published, model.Paper, model.Build)
        {
            HasBatchNormalisation = model.HasBatchNormalisation,
            SourceSha256 = source.Sha256,
        };
    }

    /// <summary>What a training step on two windows costs, in which layers and operators agree.</summary>
    /// <exception cref="ConfigurationException">It cannot be counted, does not run, or sees what it is to tell.</exception>
    public static StepCount Price(OwnSource source, int context)
    {
        var (model, options) = (Model(source), Probed with { Context = context });
        return model.Count(
            options,
            Windows,
            FormattableString.Invariant($"windows of {context} units out of {options.Vocabulary}"),
            network =>
            {
                var units = zeros(Windows, context, dtype: ScalarType.Int64);
                var logits = network.call(units);
                model.RequireShape(
                    network,
                    $"{Windows} windows of {context}",
                    logits,
                    [Windows, context, options.Vocabulary],
                    "a number for each unit at each place"
                );
                return functional.cross_entropy(logits.flatten(0, 1), units.flatten());
            },
            network =>
            {
                var units = zeros(Windows, context, dtype: ScalarType.Int64);
                using Scalar other = 1;
                units.select(0, 1).select(0, context - 1).fill_(other);
                model.RequireNoForesight(network, network.call(units), "units");
            }
        );
    }

    private static OwnModel<LanguageModel, LanguageModelOptions> Model(OwnSource source) =>
        OwnModel<LanguageModel, LanguageModelOptions>.Of(source, Probed, nameof(LanguageModelOptions));
}
