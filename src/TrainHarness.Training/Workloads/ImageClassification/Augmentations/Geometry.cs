using TrainHarness.Training.Devices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Workloads.ImageClassification.Augmentations;

/// <summary>The geometric operations of RandAugment: nearest pixel, black outside, as torchvision's default.</summary>
internal static class Geometry
{
    public static bool IsGeometric(this AugmentOperation operation) =>
        operation is >= AugmentOperation.ShearX and <= AugmentOperation.Rotate;

    /// <summary>Every example by its own operation, all in one sampling.</summary>
    /// <param name="images">float32 [N, 3, S, S].</param>
    /// <param name="drawn">One for each example, geometric.</param>
    public static Tensor Warp(Tensor images, IReadOnlyList<DrawnOperation> drawn)
    {
        float[] matrices = [.. drawn.SelectMany(one => Matrix(one, images.shape[3])).Select(value => (float)value)];
        using var theta = ComputeDevice.Upload(tensor(matrices, [drawn.Count, 2, 3]), images.device);
        using var grid = affine_grid(theta, images.shape, align_corners: false);
        return grid_sample(images, grid, GridSampleMode.Nearest, GridSamplePaddingMode.Zeros, align_corners: false);
    }

    /// <summary>
    /// Maps where a pixel is shown to where it comes from, in coordinates from −1 to 1, y downwards; shears leave the upper left corner in
    /// place.
    /// </summary>
    private static double[] Matrix(DrawnOperation one, long side)
    {
        // The side is 2 long.
        var (shear, shift, sine, cosine) = (one.Shear, 2 * one.Shift(side) / side, Math.Sin(one.Angle), Math.Cos(one.Angle));
        return one.Operation switch
        {
            AugmentOperation.ShearX => [1, shear, shear, 0, 1, 0],
            AugmentOperation.ShearY => [1, 0, 0, shear, 1, shear],
            AugmentOperation.TranslateX => [1, 0, -shift, 0, 1, 0],
            AugmentOperation.TranslateY => [1, 0, 0, 0, 1, -shift],
            AugmentOperation.Rotate => [cosine, -sine, 0, sine, cosine, 0],
            _ => throw new ArgumentOutOfRangeException(nameof(one), one.Operation, null),
        };
    }
}
