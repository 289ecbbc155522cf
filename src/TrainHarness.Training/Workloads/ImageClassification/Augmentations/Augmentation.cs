using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Workloads.ImageClassification.Augmentations;

/// <summary>
/// Turns stored pixels into what a network sees, as operations on the whole batch on its device. Mixing, which concerns the labels too, is
/// the training step's.
/// </summary>
public sealed class Augmentation : IDisposable
{
    private const int CropTries = 10;

    private readonly AugmentationRule rule;
    private readonly Tensor mean;
    private readonly Tensor scale;
    private Tensor? shrinking;

    /// <summary>Constants live on <paramref name="device"/>.</summary>
    public Augmentation(AugmentationRule rule, DatasetDescription dataset, Device device)
    {
        using var scope = NewDisposeScope();
        this.rule = rule;
        mean = tensor(dataset.Mean.Select(value => (float)(value * 255)).ToArray(), device: device)
            .view(1, 3, 1, 1)
            .DetachFromDisposeScope();
        scale = tensor(dataset.StandardDeviation.Select(value => (float)(1 / (value * 255))).ToArray(), device: device)
            .view(1, 3, 1, 1)
            .DetachFromDisposeScope();
    }

    /// <summary>
    /// A random resized crop and flip of every example, by bilinear sampling, then RandAugment, colour noise and random erasing.
    /// </summary>
    /// <param name="pixels">uint8 [N, 3, S, S].</param>
    /// <param name="imageSize">Side of the result.</param>
    /// <param name="random">Decides everything; two examples never share a draw.</param>
    /// <returns>float32 [N, 3, imageSize, imageSize], normalised.</returns>
    public Tensor ForTraining(Tensor pixels, int imageSize, Random random)
    {
        var count = pixels.shape[0];
        var transforms = new float[count * 6];
        for (var example = 0; example < count; example++)
            Draw(random).WriteTo(transforms.AsSpan(example * 6, 6));
        using var theta = ComputeDevice.Upload(tensor(transforms, count, 2, 3), pixels.device);
        using var grid = affine_grid(theta, [count, 3, imageSize, imageSize], align_corners: false);
        var examples = rule.RandAugment is { } randAugment ? Varied(randAugment, pixels, grid, random) : Cropped(pixels, grid);
        if (rule.Lighting is { } deviation)
            Lighting.Apply(deviation, examples, scale, random);
        if (rule.RandomErasing is { } erasing)
            RandomErasing.Apply(erasing, examples, random);
        return examples;
    }

    /// <summary>The centre of every example.</summary>
    /// <param name="pixels">uint8 [N, 3, S, S].</param>
    /// <param name="centreSize">Side of the centre; the same at every call, as the next.</param>
    /// <param name="imageSize">Side of the result, at most as large: a larger centre is brought to it, bilinear and antialiased.</param>
    /// <returns>float32 [N, 3, imageSize, imageSize], normalised.</returns>
    public Tensor ForEvaluation(Tensor pixels, int centreSize, int imageSize)
    {
        var offset = (pixels.shape[2] - centreSize) / 2;
        using var centre = pixels.narrow(2, offset, centreSize).narrow(3, offset, centreSize);
        var normal = Normalise(centre);
        if (imageSize == centreSize)
            return normal;
        // Made once: a trial has one pair of sizes.
        shrinking ??= ComputeDevice.Upload(Shrinking(centreSize, imageSize), pixels.device).DetachFromDisposeScope();
        using (normal)
        using (var columns = shrinking.t())
        using (var shrunk = shrinking.matmul(normal))
            return shrunk.matmul(columns);
    }

    /// <summary>
    /// Which part of each old row is in each new one: a triangle as wide as two new rows, as antialiased bilinear resizing has it.
    /// </summary>
    /// <returns>float32 [to, from].</returns>
    private static Tensor Shrinking(int from, int to)
    {
        var width = (double)from / to;
        var weights = new float[to, from];
        for (var row = 0; row < to; row++)
        {
            var middle = (row + 0.5) * width;
            var parts = Enumerable.Range(0, from).Select(old => Math.Max(0, 1 - (Math.Abs(old + 0.5 - middle) / width))).ToList();
            var all = parts.Sum();
            for (var old = 0; old < from; old++)
                weights[row, old] = (float)(parts[old] / all);
        }

        return tensor(weights);
    }

    public void Dispose()
    {
        mean.Dispose();
        scale.Dispose();
        shrinking?.Dispose();
    }

    private Tensor Cropped(Tensor pixels, Tensor grid)
    {
        using var normal = Normalise(pixels);
        return Sample(normal, grid);
    }

    // RandAugment knows whole values from 0 to 255 only.
    private Tensor Varied(RandAugmentRule randAugment, Tensor pixels, Tensor grid, Random random)
    {
        using var values = pixels.to_type(ScalarType.Float32);
        using var cropped = Sample(values, grid).round_().clamp_(Photometry.Lowest, Photometry.Highest);
        using var varied = RandAugment.Apply(randAugment, cropped, random);
        return Normalise(varied);
    }

    // 'Reflection' only matters for the half pixel at the border that bilinear sampling reaches over.
    private static Tensor Sample(Tensor values, Tensor grid) =>
        grid_sample(values, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Reflection, align_corners: false);

    private Tensor Normalise(Tensor pixels)
    {
        using var values = pixels.to_type(ScalarType.Float32);
        return values.sub_(mean).mul(scale);
    }

    /// <summary>A crop by area and aspect ratio, as torchvision draws it: ten tries, then the whole example.</summary>
    internal Crop Draw(Random random)
    {
        var flip = random.NextDouble() < rule.Flip;
        for (var attempt = 0; attempt < CropTries; attempt++)
        {
            var area = Between(random, rule.CropScale[0], rule.CropScale[1]);
            var ratio = Math.Exp(Between(random, Math.Log(rule.CropRatio[0]), Math.Log(rule.CropRatio[1])));
            var (width, height) = (Math.Sqrt(area * ratio), Math.Sqrt(area / ratio));
            if (width <= 1 && height <= 1)
                return new Crop(random.NextDouble() * (1 - width), random.NextDouble() * (1 - height), width, height, flip);
        }

        return new Crop(0, 0, 1, 1, flip);
    }

    private static double Between(Random random, double min, double max) => min + (random.NextDouble() * (max - min));
}

/// <summary>A part of an example; all lengths as parts of its side.</summary>
internal readonly record struct Crop(double Left, double Top, double Width, double Height, bool Flip)
{
    /// <summary>Writes the 2×3 affine matrix that maps the crop's coordinates (−1 to 1) to the example's.</summary>
    public void WriteTo(Span<float> matrix)
    {
        matrix[0] = (float)(Flip ? -Width : Width);
        matrix[1] = 0;
        matrix[2] = (float)((2 * Left) + Width - 1);
        matrix[3] = 0;
        matrix[4] = (float)Height;
        matrix[5] = (float)((2 * Top) + Height - 1);
    }
}
