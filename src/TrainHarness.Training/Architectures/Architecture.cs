using System.Globalization;
using TorchSharp;
using TrainHarness.Protocol;
using static TorchSharp.torch;

namespace TrainHarness.Training.Architectures;

/// <summary>A network family member by its torchvision name. Each family's file adds its members here as static properties.</summary>
/// <param name="Name">As in torchvision: <c>resnet18</c>.</param>
/// <param name="Published">First public version of the paper.</param>
/// <param name="Paper">Where it was published: <c>arXiv:1512.03385</c>.</param>
/// <param name="MinimumImageSize">Smallest width and height, in pixels, that a training pass accepts.</param>
/// <param name="Build">
/// Builds the network for a number of classes, initialised as torchvision does, from the global generator (the caller seeds it).
/// Input <c>[N, 3, S, S]</c>, output <c>[N, classes]</c> logits.
/// </param>
public sealed partial record Architecture(
    string Name,
    DateOnly Published,
    string Paper,
    int MinimumImageSize,
    bool HasBatchNormalisation,
    Func<int, nn.Module<Tensor, Tensor>> Build)
{
    /// <exception cref="ConfigurationException">The network's layers shrink such an image to nothing.</exception>
    public void RequireImageSize(int imageSize)
    {
        if (imageSize < MinimumImageSize)
        {
            throw new ConfigurationException(string.Create(
                CultureInfo.InvariantCulture, $"{Name} cannot take images of {imageSize} pixels; allowed: {MinimumImageSize} or more."));
        }
    }

    /// <summary>A network in training mode on a device, with the initial weights that a seed gives.</summary>
    public nn.Module<Tensor, Tensor> BuildFrom(InitialWeights weights, int seed, int classes, Device device)
    {
        // On the CPU, so that a seed gives the same weights on every device.
        random.manual_seed(unchecked((long)Seeds.For(seed, "weights")));
        var network = Build(classes);
        if (weights == InitialWeights.He)
            Initialisation.He(network);
        network.to(device);
        network.train();
        return network;
    }

    /// <summary>Number of trained weights and biases, by building the network.</summary>
    public long CountParameters(int classes)
    {
        using var network = Build(classes);
        return network.parameters().Sum(parameter => parameter.numel());
    }

    public override string ToString() => Name;
}
