using TorchSharp;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Workloads.ImageClassification.Augmentations;

/// <summary>
/// The photometric operations of RandAugment with Pillow's arithmetic (ImageEnhance, ImageOps), on float32 [N, 3, H, W] of whole values
/// from 0 to 255. What differs between examples is [N, 1, 1, 1]. Results lie in the caller's dispose scope.
/// </summary>
internal static class Photometry
{
    // Held, as in Sums.
    public static readonly Scalar Lowest = 0;
    public static readonly Scalar Highest = 255;
    private static readonly Scalar Half = 0.5;

    private static readonly float[] Smoothing = [1, 1, 1, 1, 5, 1, 1, 1, 1];
    private static readonly Scalar SmoothingSum = 13;

    private static readonly Scalar LumaHalf = 0x8000;
    private static readonly Scalar LumaOne = 0x10000;

    public static Tensor Brightness(Tensor images, Tensor factor) => Blend(zeros_like(images), images, factor);

    public static Tensor Color(Tensor images, Tensor factor) => Blend(Grey(images), images, factor);

    /// <summary>Away from the rounded mean grey of the whole image.</summary>
    public static Tensor Contrast(Tensor images, Tensor factor)
    {
        // In double precision: the sum over a large image has more digits than a float.
        var mean = Grey(images).to_type(ScalarType.Float64).mean([1, 2, 3], keepdim: true).Plus(Half).floor();
        return Blend(mean.to_type(ScalarType.Float32), images, factor);
    }

    /// <summary>Away from the image smoothed by 1 1 1, 1 5 1, 1 1 1 over 13; its border is never smoothed.</summary>
    public static Tensor Sharpness(Tensor images, Tensor factor)
    {
        float[] weights = [.. Smoothing, .. Smoothing, .. Smoothing];
        using var kernel = ComputeDevice.Upload(tensor(weights, [3, 1, 3, 3]), images.device);
        var smooth = images.clone();
        smooth[.., .., 1..^1, 1..^1] = conv2d(images, kernel, groups: 3).div(SmoothingSum).Plus(Half).floor();
        return Blend(smooth, images, factor);
    }

    /// <summary>Sets the lowest bits to zero.</summary>
    public static Tensor Posterize(Tensor images, Tensor bits)
    {
        var step = bits.exp2();
        return images.div(step).floor().mul(step);
    }

    /// <summary>Inverts values at or above a threshold.</summary>
    public static Tensor Solarize(Tensor images, Tensor threshold) => where(images >= threshold, images.neg().Plus(Highest), images);

    /// <summary>Stretches every channel to the whole range; one that has a single value stays.</summary>
    public static Tensor AutoContrast(Tensor images)
    {
        // In double precision, as Pillow: a value that the stretch brings to a whole number must not fall just below it.
        var values = images.to_type(ScalarType.Float64);
        var (min, max) = (values.amin([2, 3], keepdim: true), values.amax([2, 3], keepdim: true));
        var scale = (max - min).reciprocal().mul(Highest);
        var stretched = values.mul(scale).Plus(-min * scale).floor().clamp(Lowest, Highest);
        return where(max > min, stretched, values).to_type(ScalarType.Float32);
    }

    /// <summary>Makes the histogram of every channel flat; one that has no 255 values beside its largest stays.</summary>
    public static Tensor Equalize(Tensor images)
    {
        var values = images.to_type(ScalarType.Int64).flatten(2).flatten(0, 1);
        var histogram = zeros(values.shape[0], 256, dtype: ScalarType.Int64, device: images.device)
            .scatter_add_(1, values, ones_like(values));
        var largest = histogram.gather(1, values.amax([1], keepdim: true));
        using Scalar pixels = values.shape[1],
            none = 0,
            one = 1,
            two = 2;
        var step = largest.neg().Plus(pixels).floor_divide(Highest);
        var below = histogram.cumsum(1) - histogram;
        var levels = below.Plus(step.floor_divide(two)).floor_divide(step.clamp_min(one)).clamp(Lowest, Highest);
        return where(step.gt(none), levels.gather(1, values), values).to_type(ScalarType.Float32).view_as(images);
    }

    /// <summary>ITU-R 601-2 luma in Pillow's fixed-point arithmetic, which a float holds exactly: [N, 1, H, W].</summary>
    private static Tensor Grey(Tensor images)
    {
        using var weights = ComputeDevice.Upload(tensor([19595f, 38470f, 7471f], [1, 3, 1, 1]), images.device);
        return images.mul(weights).sum(1, keepdim: true).Plus(LumaHalf).div(LumaOne).floor();
    }

    /// <summary>From one image (factor 0) to the other (factor 1) and beyond, cut off at the range's ends and to whole values.</summary>
    private static Tensor Blend(Tensor from, Tensor to, Tensor factor) =>
        (to - from).mul(factor).Plus(from).clamp_(Lowest, Highest).floor_();
}
