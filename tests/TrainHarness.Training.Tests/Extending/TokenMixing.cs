using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Extending;

/// <summary>Mixes positions by a learnt square matrix: a product of its own, which no layer of TorchSharp makes.</summary>
internal sealed class TokenMixing : Module<Tensor, Tensor>, IPricedModule
{
    private readonly Parameter weight;

    public TokenMixing(int positions)
        : base(nameof(TokenMixing))
    {
        weight = Parameter(randn(positions, positions));
        RegisterComponents();
    }

    /// <param name="input">[N, positions, channels].</param>
    public override Tensor forward(Tensor input) => weight.matmul(input);

    // Each of the N × positions × channels outputs is a sum over the positions. Both gradients are products of the same size.
    public LayerCost Price(string name, LayerRun run)
    {
        var forward = Macs.Product([.. run.Input, run.Input[1]]);
        return new LayerCost(
            name,
            "token mixing",
            forward,
            run.NeedsGradInput ? forward : Macs.Zero,
            weight.requires_grad ? forward : Macs.Zero
        );
    }
}
