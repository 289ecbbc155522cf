using TorchSharp.Modules;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Extending;

/// <summary>A learnt factor for each channel: element by element, so nothing is counted.</summary>
internal sealed class LayerScale : Module<Tensor, Tensor>, IUnpricedModule
{
    private readonly Parameter gamma;

    public LayerScale(int channels)
        : base(nameof(LayerScale))
    {
        gamma = Parameter(ones(channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => input * gamma;
}
