using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>A network of language modelling by its name. Each family's file has its members.</summary>
/// <param name="Name">The family and its size: <c>gpt2_12x768</c>.</param>
/// <param name="Published">First public version of the paper, or of the program.</param>
/// <param name="Paper">Where it was published: <c>arXiv:2302.13971</c>.</param>
/// <param name="Build">Builds the network, initialised as its paper says, from the global generator.</param>
internal sealed record LanguageArchitecture(string Name, DateOnly Published, string Paper, Func<LanguageModelOptions, LanguageModel> Build)
    : IArchitecture
{
    public bool HasBatchNormalisation { get; init; }

    /// <inheritdoc/>
    public string? SourceSha256 { get; init; }

    /// <summary>The network in training mode on a device, with the weights that a seed gives.</summary>
    public LanguageModel BuildFrom(int seed, LanguageModelOptions options, Device device)
    {
        // On the CPU, so that a seed gives the same weights on every device.
        random.manual_seed(unchecked((long)Seeds.For(seed, "weights")));
        var network = Build(options);
        network.to(device);
        network.train();
        return network;
    }
}

/// <summary>What the data, the study and the recipe decide of a network.</summary>
/// <param name="Vocabulary">Different units; they are numbered from 0.</param>
/// <param name="Context">Units of a window.</param>
/// <param name="Dropout">Where the paper has dropout; 0 for none.</param>
public sealed record LanguageModelOptions(int Vocabulary, int Context, double Dropout);
