using MathNet.Numerics.Distributions;
using TorchSharp;
using TrainHarness.Protocol;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification.Augmentations;

/// <summary>Mixup and CutMix of a batch with itself in reverse order, with one share for all of it, as timm's batch mode.</summary>
internal static class Mixing
{
    /// <summary>Mixes in place.</summary>
    /// <param name="examples">float32 [N, 3, H, W].</param>
    /// <returns>The share of an example that is still its own; 1 where the batch was left alone.</returns>
    public static double Apply(MixingRule rule, Tensor examples, Random random)
    {
        if (random.NextDouble() >= rule.Probability)
            return 1;
        var pastes = rule.Mixup == 0 || (rule.Cutmix > 0 && random.NextDouble() < 0.5);
        var alpha = pastes ? rule.Cutmix : rule.Mixup;
        var share = Beta.Sample(random, alpha, alpha);
        return pastes ? Paste(examples, share, random) : Average(examples, share);
    }

    internal static double Average(Tensor examples, double share)
    {
        using var others = examples.flip(0);
        using Scalar own = share,
            other = 1 - share;
        examples.mul_(own).add_(others, alpha: other);
        return share;
    }

    /// <summary>
    /// Pastes a rectangle of the share's complement around a random point; what lies outside is cut off, and the share grows by it.
    /// </summary>
    internal static double Paste(Tensor examples, double share, Random random)
    {
        var (height, width) = (examples.shape[2], examples.shape[3]);
        var side = Math.Sqrt(1 - share);
        var (top, rows) = Span(height, side, random);
        var (left, columns) = Span(width, side, random);
        using var part = examples.narrow(2, top, rows).narrow(3, left, columns);
        using var others = part.flip(0);
        part.copy_(others);
        return 1 - ((double)(rows * columns) / (height * width));
    }

    private static (long Start, long Length) Span(long whole, double part, Random random)
    {
        var (half, centre) = ((long)(whole * part) / 2, random.NextInt64(whole));
        var start = Math.Max(0, centre - half);
        return (start, Math.Min(whole, centre + half) - start);
    }
}
