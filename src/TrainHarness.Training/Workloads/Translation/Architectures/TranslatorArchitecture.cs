using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>A network of translation by its name. Each family's file has its members.</summary>
/// <param name="Name">The family and its size: <c>transformer_base</c>.</param>
/// <param name="Published">First public version of the paper.</param>
/// <param name="Paper">Where it was published: <c>arXiv:1706.03762</c>.</param>
/// <param name="Build">Builds the network, initialised as its paper says, from the global generator.</param>
internal sealed record TranslatorArchitecture(string Name, DateOnly Published, string Paper, Func<TranslatorOptions, Translator> Build)
    : IArchitecture
{
    public bool HasBatchNormalisation { get; init; }

    /// <inheritdoc/>
    public string? SourceSha256 { get; init; }

    /// <summary>The network in training mode on a device, with the weights that a seed gives.</summary>
    public Translator BuildFrom(int seed, TranslatorOptions options, Device device)
    {
        // On the CPU, so that a seed gives the same weights on every device.
        random.manual_seed(unchecked((long)Seeds.For(seed, "weights")));
        var network = Build(options);
        network.to(device);
        network.train();
        return network;
    }
}

/// <summary>What the data and the recipe decide of a network.</summary>
/// <param name="Vocabulary">Parts of both languages together, the special ones included; they are numbered from 0.</param>
/// <param name="Dropout">Where the paper has dropout; 0 for none.</param>
public sealed record TranslatorOptions(int Vocabulary, double Dropout);
