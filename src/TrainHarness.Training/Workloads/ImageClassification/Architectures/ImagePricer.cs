using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>What networks for images cost before there are any: no images at all are sent through them.</summary>
public static class ImagePricer
{
    /// <summary>
    /// What one training step on a batch costs, as far as it is spent inside the network. No generator that anybody else uses moves on.
    /// </summary>
    /// <param name="batch">Images.</param>
    /// <exception cref="Files.ConfigurationException">The image does not suit the architecture.</exception>
    /// <exception cref="NotSupportedException">A layer has no formula.</exception>
    public static NetworkCost Price(Architecture architecture, NetworkOptions options, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        architecture.Require(options);
        using var preserved = new PreservedState();
        using var twin = architecture.BuildUnfilled(options);
        return Price(twin, options.ImageSize, batch);
    }

    /// <summary>What one forward and one backward pass over a batch of images cost a network on the CPU, in its present mode.</summary>
    /// <param name="imageSize">Width and height in pixels.</param>
    /// <param name="batch">Images.</param>
    /// <exception cref="NotSupportedException">A layer has no formula.</exception>
    public static NetworkCost Price(Module<Tensor, Tensor> network, int imageSize, int batch)
    {
        using var noImages = zeros(0, 3, imageSize, imageSize);
        return NetworkPricer.PriceFromNone(network, batch, () => network.call(noImages));
    }
}
