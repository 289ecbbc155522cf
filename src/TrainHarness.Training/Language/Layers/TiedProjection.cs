using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Language.Layers;

/// <summary>
/// Vectors <c>[…, width]</c> by the weight of an embedding <c>[vocabulary, width]</c>, which is its own output layer (arXiv:1608.05859).
/// </summary>
public sealed class TiedProjection() : Module<Tensor, Tensor, Tensor>(nameof(TiedProjection)), IPricedModule
{
    public override Tensor forward(Tensor vectors, Tensor weight) => functional.linear(vectors, weight);

    public LayerCost Price(string name, LayerRun run)
    {
        var forward = Macs.Product([.. run.Input, run.Inputs[1].Shape[0]]);
        return new LayerCost(
            name,
            "linear",
            forward,
            run.NeedsGradInput ? forward : Macs.Zero,
            run.Inputs[1].NeedsGradient ? forward : Macs.Zero
        );
    }
}
