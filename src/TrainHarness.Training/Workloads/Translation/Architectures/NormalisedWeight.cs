using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// A weight in two parts, the direction of each row and its length (weight normalisation, Salimans and Kingma 2016, arXiv:1602.07868).
/// </summary>
internal static class NormalisedWeight
{
    /// <summary>The weight itself.</summary>
    /// <param name="direction"><c>[rows, …]</c>, of any length.</param>
    /// <param name="length"><c>[rows, 1, …]</c>.</param>
    public static Tensor Of(Tensor direction, Tensor length) => direction.mul(length.div(Lengths(direction)));

    /// <summary>Of every row, <c>[rows, 1, …]</c>: with these as its lengths a direction is the weight.</summary>
    public static Tensor Lengths(Tensor direction)
    {
        long[] inner = [.. Enumerable.Range(1, (int)direction.dim() - 1)];
        using var squares = direction.mul(direction);
        using var sums = squares.sum(inner, keepdim: true);
        return sums.sqrt();
    }
}
