using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification.Augmentations;

/// <summary>Hides a rectangle of some of the examples (arXiv:1708.04896), drawn as torchvision draws it.</summary>
internal static class RandomErasing
{
    private const int Tries = 10;

    /// <summary>Erases in place.</summary>
    /// <param name="examples">float32 [N, 3, H, W], normalised.</param>
    public static void Apply(RandomErasingRule rule, Tensor examples, Random random)
    {
        var (height, width) = ((int)examples.shape[2], (int)examples.shape[3]);
        var (hit, boxes, offsets) = (new List<long>(), new List<Box>(), new List<long>());
        for (var example = 0; example < examples.shape[0]; example++)
        {
            if (random.NextDouble() >= rule.Probability || Draw(rule, height, width, random) is not { } box)
                continue;
            hit.Add(example);
            boxes.Add(box);
            offsets.Add(random.Next(3 * height * width));
        }

        if (hit.Count == 0)
            return;
        using var scope = NewDisposeScope();
        var indices = ComputeDevice.Upload(tensor(hit.ToArray()), examples.device);
        var shown = examples.index_select(0, indices);
        var fill = rule.Fill == ErasingFill.Zero ? zeros_like(shown) : Noise(shown, offsets, random.NextInt64());
        examples.index_copy_(0, indices, where(Inside(boxes, height, width, examples.device), fill, shown));
    }

    /// <summary>Null where ten tries gave no rectangle that lies within the example.</summary>
    internal static Box? Draw(RandomErasingRule rule, int height, int width, Random random)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var area = height * width * Between(random, rule.Area[0], rule.Area[1]);
            var ratio = Math.Exp(Between(random, Math.Log(rule.Ratio[0]), Math.Log(rule.Ratio[1])));
            var (rows, columns) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (rows < height && columns < width)
                return new Box(random.Next(height - rows + 1), random.Next(width - columns + 1), rows, columns);
        }

        return null;
    }

    /// <summary>Where the rectangles lie: bool [N, 1, H, W].</summary>
    private static Tensor Inside(List<Box> boxes, int height, int width, Device device)
    {
        using Scalar start = 0,
            bottom = height,
            right = width,
            step = 1;
        var y = arange(start, bottom, step, device: device).view(1, 1, -1, 1);
        var x = arange(start, right, step, device: device).view(1, 1, 1, -1);
        Tensor Each(Func<Box, long> edge) => ComputeDevice.Upload(tensor(boxes.Select(edge).ToArray()), device).view(-1, 1, 1, 1);
        return (y >= Each(box => box.Top))
            & (y < Each(box => box.Top + box.Rows))
            & (x >= Each(box => box.Left))
            & (x < Each(box => box.Left + box.Columns));
    }

    /// <summary>
    /// One field of noise for the batch, which every example reads from a place of its own: TorchSharp seeds generators of the CPU only.
    /// </summary>
    private static Tensor Noise(Tensor shown, List<long> offsets, long seed)
    {
        using var generator = new Generator((ulong)seed);
        var length = shown.numel() / shown.shape[0];
        var field = randn(length, generator: generator).to(shown.device);
        return field
            .repeat(2)
            .unfold(0, length, 1)
            .index_select(0, ComputeDevice.Upload(tensor(offsets.ToArray()), shown.device))
            .view_as(shown);
    }

    private static double Between(Random random, double min, double max) => min + (random.NextDouble() * (max - min));

    /// <summary>A rectangle in pixels.</summary>
    internal readonly record struct Box(int Top, int Left, int Rows, int Columns);
}
