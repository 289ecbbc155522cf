using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (arXiv:1711.05101), by one fused operator of libtorch for all parameters of a weight decay.
/// </summary>
internal sealed class DecoupledAdam : IOptimizer
{
    private readonly AdamWRule rule;
    private readonly ParameterGroup[] groups;
    private readonly FusedAdamW[] fused;
    private readonly Tensor steps;

    public DecoupledAdam(IReadOnlyList<Parameter> parameters, AdamWRule rule)
    {
        this.rule = rule;
        groups = ParameterGroup.For(rule, parameters, slots: 2);
        fused = [.. groups.Select(group => new FusedAdamW(group.Parameters, group.State[0], group.State[1]))];
        // On the parameters' device, where the operator reads it.
        steps = zeros([], dtype: ScalarType.Float32, device: parameters.Count == 0 ? CPU : parameters[0].device).DetachFromDisposeScope();
    }

    public NativePath? NativePath => NativePath.FusedAdamW;

    public void Update(double learningRate)
    {
        using var noGradient = no_grad();
        using Scalar one = 1;
        steps.add_(one, one);
        foreach (var (group, operation) in groups.Zip(fused))
            operation.Step(steps, learningRate, rule.Beta1, rule.Beta2, group.WeightDecay, rule.Epsilon);
    }

    public void Reset()
    {
        using var noGradient = no_grad();
        steps.zero_();
        foreach (var group in groups)
            group.Forget();
    }

    public IReadOnlyDictionary<string, Tensor> State => ParameterGroup.Named(groups, ["mean", "square"]);

    public void ResumeAfter(long steps)
    {
        using var noGradient = no_grad();
        using Scalar taken = steps;
        this.steps.fill_(taken);
    }

    public void Dispose()
    {
        steps.Dispose();
        foreach (var group in groups)
            group.Dispose();
    }
}
