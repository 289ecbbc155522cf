using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>
/// Vectors <c>[…, width]</c> by the root of their mean square and a learned scale (Zhang and Sennrich 2019, arXiv:1910.07467).
/// </summary>
internal sealed class RootMeanSquareNorm : Module<Tensor, Tensor>, IUnpricedModule
{
    private static readonly Scalar Epsilon = 1e-6;

    private readonly Parameter weight;

    public RootMeanSquareNorm(int width)
        : base(nameof(RootMeanSquareNorm))
    {
        weight = Parameter(ones(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.mul(input.mul(input).mean([-1], keepdim: true).Plus(Epsilon).rsqrt()).mul(weight).MoveToOuterDisposeScope();
    }
}
