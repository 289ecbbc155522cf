using TrainHarness.Training.Layers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>The channel shuffle of ShuffleNet (arXiv:1707.01083, figure 1).</summary>
internal static class ShuffledChannels
{
    /// <param name="x">[N, C, H, W], whose channels are a0 a1 … b0 b1 … c0 c1 … of so many groups.</param>
    /// <returns>[N, C, H, W] with channels a0 b0 c0 … a1 b1 c1 …, laid out in memory as the input is.</returns>
    public static Tensor Of(Tensor x, int groups)
    {
        var (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        // A copy along the channels alone would lay everything behind it anew, and batch normalisation takes far longer there.
        return ChannelsLast.Is(x)
            ? x.permute(0, 2, 3, 1)
                .view(batch, height, width, groups, channels / groups)
                .transpose(3, 4)
                .contiguous()
                .view(batch, height, width, channels)
                .permute(0, 3, 1, 2)
            : x.view(batch, groups, channels / groups, height, width).transpose(1, 2).contiguous().view(batch, channels, height, width);
    }
}
