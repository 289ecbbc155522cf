using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form): v ← μv + g + λw; w ← w − ηv, or
/// w ← w − η(g + λw + μv) with Nesterov momentum. All parameters are updated by one fused operator of libtorch where it
/// is there, otherwise one after the other.
/// </summary>
public sealed class MomentumSgd : IOptimizer
{
    private readonly SgdRule rule;
    private readonly ParameterGroup[] groups;
    private readonly FusedSgd[] fused;
    private bool isFirstStep = true;

    public MomentumSgd(IEnumerable<Parameter> parameters, SgdRule rule, bool useFused)
    {
        this.rule = rule;
        groups = ParameterGroup.For(rule, parameters, slots: 1);
        fused = [.. groups.Select(group => new FusedSgd(group.Parameters, rule.Momentum == 0 ? [] : group.State[0]))];
        NativePath = useFused && NativePath.FusedSgd.IsAvailable ? NativePath.FusedSgd : null;
    }

    public NativePath? NativePath { get; }

    public void Update(double learningRate)
    {
        using var noGradient = no_grad();
        foreach (var (group, operation) in groups.Zip(fused))
        {
            if (NativePath is null)
                StepOneByOne(group, learningRate);
            else
                operation.Step(group.WeightDecay, rule.Momentum, learningRate, rule.Nesterov, isFirstStep);
        }

        isFirstStep = false;
    }

    public void Reset()
    {
        foreach (var group in groups)
            group.Forget();
        isFirstStep = true;
    }

    public IReadOnlyDictionary<string, Tensor> State => ParameterGroup.Named(groups, ["velocity"]);

    public void ResumeAfter(long steps) => isFirstStep = false;

    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
    }

    private void StepOneByOne(ParameterGroup group, double learningRate)
    {
        using var scope = NewDisposeScope();
        var gradients = Dispatcher.Gradients(group.Parameters);
        using Scalar decay = group.WeightDecay,
            momentum = rule.Momentum,
            rate = -learningRate;
        for (var index = 0; index < group.Parameters.Length; index++)
        {
            var gradient = gradients[index].add(group.Parameters[index], alpha: decay);
            var velocity = group.State[0][index].mul_(momentum).PlusInPlace(gradient);
            var update = rule.Nesterov ? gradient.add(velocity, alpha: momentum) : velocity;
            group.Parameters[index].add_(update, alpha: rate);
        }
    }
}
