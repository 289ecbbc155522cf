using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>
/// Scales every channel by a number between 0 and 1 that two 1×1 convolutions make of all channels' averages (arXiv:1709.01507, section 3).
/// </summary>
public sealed class SqueezeExcitation : Module<Tensor, Tensor>
{
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Conv2d fc1;
    private readonly Conv2d fc2;
    private readonly Module<Tensor, Tensor> activation;
    private readonly Module<Tensor, Tensor> scale_activation;

    /// <param name="channels">Of what is scaled, [N, channels, H, W].</param>
    /// <param name="squeezed">Channels between the two convolutions.</param>
    /// <param name="activation">Between them.</param>
    /// <param name="scaleActivation">Behind them: what makes a number between 0 and 1.</param>
    public SqueezeExcitation(int channels, int squeezed, Module<Tensor, Tensor> activation, Module<Tensor, Tensor> scaleActivation)
        : base(nameof(SqueezeExcitation))
    {
        fc1 = Weighted.Conv2d(channels, squeezed, 1);
        fc2 = Weighted.Conv2d(squeezed, channels, 1);
        this.activation = activation;
        scale_activation = scaleActivation;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var scale = scale_activation.call(fc2.call(activation.call(fc1.call(avgpool.call(input)))));
        return (scale * input).MoveToOuterDisposeScope();
    }
}
