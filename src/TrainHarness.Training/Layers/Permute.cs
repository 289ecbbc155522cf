using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Layers;

/// <summary>Reorders dimensions.</summary>
internal sealed class Permute(params long[] order) : Module<Tensor, Tensor>(nameof(Permute)), IUnpricedModule
{
    public override Tensor forward(Tensor input) => input.permute(order);
}
