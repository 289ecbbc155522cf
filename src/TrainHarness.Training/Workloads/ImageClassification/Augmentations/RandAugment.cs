using MathNet.Numerics.Distributions;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification.Augmentations;

/// <summary>
/// Random operations of one strength on every example (arXiv:1909.13719): torchvision's fourteen, with its magnitudes and signs. Every
/// example draws its own; the batch then sees each operation once, on the examples that drew it.
/// </summary>
internal static class RandAugment
{
    private static readonly AugmentOperation[] Operations = Enum.GetValues<AugmentOperation>();

    /// <param name="images">float32 [N, 3, S, S], whole values from 0 to 255.</param>
    /// <returns>The same, varied, in the caller's dispose scope.</returns>
    public static Tensor Apply(RandAugmentRule rule, Tensor images, Random random)
    {
        using var scope = NewDisposeScope();
        var varied = images.clone();
        for (var round = 0; round < rule.Operations; round++)
            ApplyEach(varied, [.. Enumerable.Range(0, (int)images.shape[0]).Select(_ => Draw(rule, random))]);
        return varied.MoveToOuterDisposeScope();
    }

    /// <summary>One operation for each example, in place.</summary>
    internal static void ApplyEach(Tensor images, IReadOnlyList<DrawnOperation> drawn)
    {
        using var scope = NewDisposeScope();
        foreach (
            var group in drawn.Index().GroupBy(pair => pair.Item.Operation.IsGeometric() ? AugmentOperation.Rotate : pair.Item.Operation)
        )
        {
            if (group.Key == AugmentOperation.Identity)
                continue;
            var indices = ComputeDevice.Upload(tensor(group.Select(pair => (long)pair.Index).ToArray()), images.device);
            images.index_copy_(0, indices, Vary(group.Key, images.index_select(0, indices), [.. group.Select(pair => pair.Item)]));
        }
    }

    private static DrawnOperation Draw(RandAugmentRule rule, Random random)
    {
        var operation = Operations[random.Next(Operations.Length)];
        var level = rule.MagnitudeDeviation == 0 ? rule.Magnitude : Normal.Sample(random, rule.Magnitude, rule.MagnitudeDeviation);
        return new DrawnOperation(
            operation,
            Math.Clamp(level, 0, RandAugmentRule.MaxMagnitude) / RandAugmentRule.MaxMagnitude,
            random.Next(2) == 1
        );
    }

    private static Tensor Vary(AugmentOperation operation, Tensor images, DrawnOperation[] drawn)
    {
        Tensor Each(Func<DrawnOperation, double> value) =>
            ComputeDevice.Upload(tensor(drawn.Select(one => (float)value(one)).ToArray(), [drawn.Length, 1, 1, 1]), images.device);
        return operation switch
        {
            AugmentOperation.Rotate => Geometry.Warp(images, drawn),
            AugmentOperation.Brightness => Photometry.Brightness(images, Each(one => one.Factor)),
            AugmentOperation.Color => Photometry.Color(images, Each(one => one.Factor)),
            AugmentOperation.Contrast => Photometry.Contrast(images, Each(one => one.Factor)),
            AugmentOperation.Sharpness => Photometry.Sharpness(images, Each(one => one.Factor)),
            AugmentOperation.Posterize => Photometry.Posterize(images, Each(one => one.LostBits)),
            AugmentOperation.Solarize => Photometry.Solarize(images, Each(one => one.Threshold)),
            AugmentOperation.AutoContrast => Photometry.AutoContrast(images),
            AugmentOperation.Equalize => Photometry.Equalize(images),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
        };
    }
}

/// <summary>torchvision's names.</summary>
internal enum AugmentOperation
{
    Identity,
    ShearX,
    ShearY,
    TranslateX,
    TranslateY,
    Rotate,
    Brightness,
    Color,
    Contrast,
    Sharpness,
    Posterize,
    Solarize,
    AutoContrast,
    Equalize,
}

/// <summary>What an example drew.</summary>
/// <param name="Strength">From 0 to 1.</param>
/// <param name="IsNegative">Turns the direction round, for operations that have one.</param>
internal readonly record struct DrawnOperation(AugmentOperation Operation, double Strength, bool IsNegative)
{
    private double Signed => IsNegative ? -Strength : Strength;

    /// <summary>Shift along one axis for each pixel along the other: up to 0.3.</summary>
    public double Shear => 0.3 * Signed;

    /// <summary>Angle to the left in radians: up to 30 degrees.</summary>
    public double Angle => Math.PI / 6 * Signed;

    /// <summary>1 leaves the image as it is: from 0.1 to 1.9.</summary>
    public double Factor => 1 + (0.9 * Signed);

    /// <summary>Up to 4 of 8.</summary>
    public double LostBits => Math.Round(4 * Strength);

    /// <summary>Values from here on are inverted: from 255 down to 0.</summary>
    public double Threshold => 255 * (1 - Strength);

    /// <summary>Whole pixels: up to 150 of 331.</summary>
    public double Shift(long side) => Math.Truncate(150.0 / 331 * side * Signed);
}
