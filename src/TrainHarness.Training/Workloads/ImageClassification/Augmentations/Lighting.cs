using MathNet.Numerics.Distributions;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification.Augmentations;

/// <summary>
/// One shift of colour for each example along the principal components of ImageNet's colours (Krizhevsky et al. 2012, section 4.1).
/// </summary>
internal static class Lighting
{
    // As fb.resnet.torch gives them for values from 0 to 1.
    private static readonly double[] Deviations = [0.2175, 0.0188, 0.0045];

    // Rows are red, green and blue, columns the components.
    private static readonly double[][] Components =
    [
        [-0.5675, 0.7192, 0.4009],
        [-0.5808, -0.0045, -0.8140],
        [-0.5836, -0.6948, 0.4203],
    ];

    /// <summary>Adds the shift in place.</summary>
    /// <param name="deviation">Of the draw for each component, as a part of the component's own.</param>
    /// <param name="examples">float32 [N, 3, H, W], normalised.</param>
    /// <param name="scale">[1, 3, 1, 1]: what a value from 0 to 255 was multiplied by.</param>
    public static void Apply(double deviation, Tensor examples, Tensor scale, Random random)
    {
        using var scope = NewDisposeScope();
        var shifts = new float[examples.shape[0] * 3];
        for (var example = 0; example < shifts.Length; example += 3)
            Draw(deviation, random).CopyTo(shifts, example);
        examples.PlusInPlace(ComputeDevice.Upload(tensor(shifts, [examples.shape[0], 3, 1, 1]), examples.device).mul(scale));
    }

    /// <summary>A shift of red, green and blue, in values from 0 to 255.</summary>
    internal static float[] Draw(double deviation, Random random)
    {
        double[] amounts = [.. Deviations.Select(own => 255 * own * Normal.Sample(random, 0, deviation))];
        return [.. Components.Select(row => (float)row.Zip(amounts, (part, amount) => part * amount).Sum())];
    }
}
