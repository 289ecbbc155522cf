using static TorchSharp.torch;

namespace TrainHarness.Training.Layers;

/// <summary>
/// Images and convolution weights whose channels lie innermost in memory, N×H×W×C, while their dimensions keep the order N×C×H×W.
/// TorchSharp does not bind the format; a permutation that is undone after a copy is the same.
/// </summary>
internal static class ChannelsLast
{
    /// <param name="images">[N, C, H, W].</param>
    /// <returns>The same values and dimensions, in the caller's dispose scope.</returns>
    public static Tensor Of(Tensor images)
    {
        using var last = images.permute(0, 2, 3, 1);
        using var dense = last.contiguous();
        return dense.permute(0, 3, 1, 2);
    }

    /// <summary>
    /// Whether channels lie innermost and nothing lies between; false where there is one channel or one pixel, which is both.
    /// </summary>
    /// <param name="images">[N, C, H, W].</param>
    public static bool Is(Tensor images) =>
        !images.is_contiguous()
        && images.stride() is [var image, 1, var row, var pixel]
        && (image, row, pixel) == (images.shape[1] * images.shape[2] * images.shape[3], images.shape[1] * images.shape[3], images.shape[1]);

    /// <summary>Lays the weights of all convolutions anew; what libtorch computes from them follows.</summary>
    public static void Apply(nn.Module network)
    {
        using var noGradient = no_grad();
        foreach (var parameter in network.parameters().Where(parameter => parameter.dim() == 4))
        {
            using var laid = Of(parameter);
            parameter.set_(laid);
        }
    }
}
