using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// A linear layer over <c>[…, inputs]</c> whose weight is <see cref="NormalisedWeight"/>. The parts have PyTorch's names.
/// </summary>
internal sealed class NormalisedLinear : Module<Tensor, Tensor>, IPricedModule
{
    private readonly Parameter weight_g;
    private readonly Parameter weight_v;
    private readonly Parameter bias;

    /// <param name="deviation">Of the weight at first.</param>
    public NormalisedLinear(long inputs, long outputs, double deviation)
        : base(nameof(NormalisedLinear))
    {
        weight_v = Parameter(zeros(outputs, inputs));
        init.normal_(weight_v, 0, deviation);
        using (no_grad())
            weight_g = Parameter(NormalisedWeight.Lengths(weight_v));
        bias = Parameter(zeros(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return functional.linear(input, NormalisedWeight.Of(weight_v, weight_g), bias).MoveToOuterDisposeScope();
    }

    /// <summary>That of a linear layer: what makes the weight goes element by element.</summary>
    public LayerCost Price(string name, LayerRun run) =>
        LayerFormulas.WithWeight(name, "linear", Macs.Product([.. run.Input, weight_v.shape[0]]), run, weight_v);
}
