using TorchSharp;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>Sums that have the variance of their parts (arXiv:1705.03122, section 3.4).</summary>
internal static class HalfVariance
{
    private static readonly Scalar RootOfHalf = Math.Sqrt(0.5);

    public static Tensor Sum(Tensor left, Tensor right) => left.Plus(right).mul(RootOfHalf);
}
