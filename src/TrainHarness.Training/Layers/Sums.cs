using TorchSharp;
using static TorchSharp.torch;

namespace TrainHarness.Training.Layers;

/// <summary>Sums of two tensors, and of a tensor and a number that the caller holds.</summary>
/// <remarks>
/// TorchSharp makes a new scalar 1 for <c>a + b</c>, and nothing keeps it alive while libtorch reads it: a garbage collection at that
/// moment frees it, and the sum fails or takes another factor. Here the scalar lives as long as the program.
/// </remarks>
internal static class Sums
{
    private static readonly Scalar One = 1;

    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    public static Tensor Plus(this Tensor left, Scalar right) => left.add(right, One);

    public static Tensor PlusInPlace(this Tensor left, Tensor right) => left.add_(right, One);

    public static Tensor PlusInPlace(this Tensor left, Scalar right) => left.add_(right, One);
}
