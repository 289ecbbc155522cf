using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (arXiv:1711.05101), by one fused operator of libtorch for all parameters of a weight decay where it is
/// there, otherwise one parameter after the other.
/// </summary>
internal sealed class DecoupledAdam : IOptimizer
{
    private readonly AdamWRule rule;
    private readonly ParameterGroup[] groups;
    private readonly FusedAdamW[] fused;
    private readonly Tensor steps;
    private long taken;

    public DecoupledAdam(IReadOnlyList<Parameter> parameters, AdamWRule rule, bool useFused)
    {
        this.rule = rule;
        groups = ParameterGroup.For(rule, parameters, slots: 2);
        fused = [.. groups.Select(group => new FusedAdamW(group.Parameters, group.State[0], group.State[1]))];
        // On the parameters' device, where the operator reads it.
        steps = zeros([], dtype: ScalarType.Float32, device: parameters.Count == 0 ? CPU : parameters[0].device).DetachFromDisposeScope();
        NativePath = useFused && NativePath.FusedAdamW.IsAvailable ? NativePath.FusedAdamW : null;
    }

    public NativePath? NativePath { get; }

    public void Update(double learningRate)
    {
        using var noGradient = no_grad();
        using Scalar one = 1;
        steps.add_(one, one);
        taken++;
        foreach (var (group, operation) in groups.Zip(fused))
        {
            if (NativePath is null)
                StepOneByOne(group, learningRate);
            else
                operation.Step(steps, learningRate, rule.Beta1, rule.Beta2, group.WeightDecay, rule.Epsilon);
        }
    }

    public void Reset()
    {
        using var noGradient = no_grad();
        steps.zero_();
        taken = 0;
        foreach (var group in groups)
            group.Forget();
    }

    public IReadOnlyDictionary<string, Tensor> State => ParameterGroup.Named(groups, ["mean", "square"]);

    public void ResumeAfter(long steps)
    {
        using var noGradient = no_grad();
        using Scalar number = steps;
        this.steps.fill_(number);
        taken = steps;
    }

    public void Dispose()
    {
        steps.Dispose();
        foreach (var group in groups)
            group.Dispose();
    }

    private void StepOneByOne(ParameterGroup group, double learningRate)
    {
        using var scope = NewDisposeScope();
        var gradients = Dispatcher.Gradients(group.Parameters);
        using Scalar decayed = 1 - (learningRate * group.WeightDecay),
            beta1 = rule.Beta1,
            rest1 = 1 - rule.Beta1,
            beta2 = rule.Beta2,
            rest2 = 1 - rule.Beta2,
            root = Math.Sqrt(1 - Math.Pow(rule.Beta2, taken)),
            epsilon = rule.Epsilon,
            rate = -learningRate / (1 - Math.Pow(rule.Beta1, taken));
        for (var index = 0; index < group.Parameters.Length; index++)
        {
            var mean = group.State[0][index].mul_(beta1).add_(gradients[index], rest1);
            var square = group.State[1][index].mul_(beta2).addcmul_(gradients[index], gradients[index], rest2);
            group.Parameters[index].mul_(decayed).addcdiv_(mean, square.sqrt().div_(root).PlusInPlace(epsilon), rate);
        }
    }
}
