using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>Two batches of matrices by each other, neither of them a weight: <c>[N, T, K]</c> by <c>[N, K, width]</c>.</summary>
internal sealed class WeightedSum() : Module<Tensor, Tensor, Tensor>(nameof(WeightedSum)), IPricedModule
{
    public override Tensor forward(Tensor weights, Tensor vectors) => weights.bmm(vectors);

    /// <summary>
    /// The gradient of the first factor stands under grad-input, that of the second, which takes a weight's place, under grad-weight.
    /// </summary>
    public LayerCost Price(string name, LayerRun run)
    {
        var (weights, vectors) = (run.Inputs[0], run.Inputs[1]);
        var product = Macs.Product([.. weights.Shape, vectors.Shape[2]]);
        return new LayerCost(
            name,
            "attention",
            product,
            weights.NeedsGradient ? product : Macs.Zero,
            vectors.NeedsGradient ? product : Macs.Zero
        );
    }
}
