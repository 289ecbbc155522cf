using TorchSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>A network family member by its torchvision name. Each family's file adds its members here as static properties.</summary>
/// <param name="Name">As in torchvision: <c>resnet18</c>.</param>
/// <param name="Published">First public version of the paper.</param>
/// <param name="Paper">Where it was published: <c>arXiv:1512.03385</c>.</param>
/// <param name="MinimumImageSize">Smallest width and height, in pixels, that a training pass accepts.</param>
/// <param name="Build">
/// Builds the network, initialised as torchvision does where it has it, else as the paper does, from the global generator (the caller seeds
/// it). Input <c>[N, 3, S, S]</c>, output <c>[N, classes]</c> logits; with auxiliary heads and in training mode <c>[1 + heads, N,
/// classes]</c>, the network's own answer first.
/// </param>
public sealed partial record Architecture(
    string Name,
    DateOnly Published,
    string Paper,
    int MinimumImageSize,
    bool HasBatchNormalisation,
    Func<NetworkOptions, nn.Module<Tensor, Tensor>> Build
) : IArchitecture
{
    /// <summary>Where it lies, where it is code of the user's own.</summary>
    public OwnSource? Source { get; init; }

    /// <inheritdoc/>
    public string? SourceSha256 => Source?.Sha256;

    /// <summary>Image sides must be a multiple of this: of the patch, where positions are learnt.</summary>
    public int ImageSizeMultiple { get; init; } = 1;

    /// <summary>Smallest width and height, in pixels, with <see cref="NetworkOptions.AuxiliaryHeads"/>; null where it has none.</summary>
    public int? MinimumImageSizeWithHeads { get; init; }

    /// <summary>Whether <see cref="NetworkOptions.DropPath"/> means anything to it.</summary>
    public bool HasDropPath { get; init; }

    /// <summary>Whether <see cref="NetworkOptions.Width"/> means anything to it.</summary>
    public bool HasWidth { get; init; }

    /// <summary>Whether <see cref="NetworkOptions.Depth"/> means anything to it.</summary>
    public bool HasDepth { get; init; }

    /// <summary>
    /// Whether a ReLU follows its last layer. From biases of 0, training pushes one class after the other below it, until all answer 0 to
    /// every image, have no gradient, and the loss stays at ln(classes). So under He's start these biases are 1, which the softmax does not
    /// see.
    /// </summary>
    public bool EndsInReLU { get; init; }

    /// <summary>What it can be asked for.</summary>
    public ArchitectureLimits Limits =>
        new(Name, MinimumImageSize, ImageSizeMultiple, MinimumImageSizeWithHeads, HasDropPath) { HasWidth = HasWidth, HasDepth = HasDepth };

    /// <exception cref="ConfigurationException">
    /// The network's layers shrink such an image to nothing, or its patches do not fill it; or it has not what the options ask for.
    /// </exception>
    public void Require(NetworkOptions options)
    {
        if (
            Limits.Refusal(
                options.ImageSize,
                options.AuxiliaryHeads,
                options.DropPath is not null,
                options.Width != 1,
                options.Depth != 1
            ) is
            { } refusal
        )
            throw new ConfigurationException(refusal);
    }

    /// <summary>
    /// The network for its shapes alone, on the CPU and in training mode: what its convolutions and linear layers hold is nobody's choice,
    /// and no random number is drawn.
    /// </summary>
    public nn.Module<Tensor, Tensor> BuildUnfilled(NetworkOptions options) => Weighted.Unfilled(() => Build(options));

    /// <summary>A network in training mode on a device, with the initial weights that a seed gives.</summary>
    public nn.Module<Tensor, Tensor> BuildFrom(InitialWeights weights, int seed, NetworkOptions options, Device device)
    {
        // On the CPU, so that a seed gives the same weights on every device.
        random.manual_seed(unchecked((long)Seeds.For(seed, "weights")));
        var network = Build(options);
        if (weights == InitialWeights.He)
            Initialisation.He(network, lastBias: EndsInReLU ? 1 : 0);
        network.to(device);
        network.train();
        return network;
    }

    /// <summary>Number of trained weights and biases.</summary>
    public static long Parameters(nn.Module network) => network.parameters().Sum(parameter => parameter.numel());

    public override string ToString() => Name;
}
