using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// A convolution over <c>[N, inputs, T]</c> whose weight is <see cref="NormalisedWeight"/>, a row for each output channel. The parts have
/// PyTorch's names.
/// </summary>
internal sealed class NormalisedConvolution : Module<Tensor, Tensor>, IPricedModule
{
    private readonly Parameter weight_g;
    private readonly Parameter weight_v;
    private readonly Parameter bias;
    private readonly long padding;

    /// <param name="padding">Zeros at either end.</param>
    /// <param name="deviation">Of the weight at first.</param>
    public NormalisedConvolution(long inputs, long outputs, int kernel, long padding, double deviation)
        : base(nameof(NormalisedConvolution))
    {
        this.padding = padding;
        weight_v = Parameter(zeros(outputs, inputs, kernel));
        init.normal_(weight_v, 0, deviation);
        using (no_grad())
            weight_g = Parameter(NormalisedWeight.Lengths(weight_v));
        bias = Parameter(zeros(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return functional.conv1d(input, NormalisedWeight.Of(weight_v, weight_g), bias, padding: padding).MoveToOuterDisposeScope();
    }

    /// <summary>That of a convolution: what makes the weight goes element by element.</summary>
    public LayerCost Price(string name, LayerRun run) =>
        LayerFormulas.WithWeight(name, "convolution", Macs.Product([run.Output[0], run.Output[2], .. weight_v.shape]), run, weight_v);
}
