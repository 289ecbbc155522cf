using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>
/// Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form): v ← μv + g + λw; w ← w − ηv, or
/// w ← w − η(g + λw + μv) with Nesterov momentum. All parameters are updated by one fused operator of libtorch where it
/// is there, otherwise one after the other.
/// </summary>
public sealed class MomentumSgd : IOptimizer
{
    private readonly SgdRule rule;
    private readonly Group[] groups;
    private bool isFirstStep = true;

    public MomentumSgd(IEnumerable<Parameter> parameters, SgdRule rule, bool useFused)
    {
        this.rule = rule;
        groups = [.. Optimizer.Groups(rule, parameters).Select(group => new Group(
            group.Parameters,
            [.. group.Parameters.Select(parameter => zeros_like(parameter).detach().DetachFromDisposeScope())],
            new Tensor[group.Parameters.Length],
            group.WeightDecay))];
        IsFused = useFused && FusedSgd.IsAvailable;
    }

    public bool IsFused { get; }

    public void Update(double learningRate)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in groups)
        {
            for (var index = 0; index < group.Parameters.Length; index++)
                group.Gradients[index] = group.Parameters[index].grad ?? throw new InvalidOperationException($"Parameter {index} has no gradient.");
            if (IsFused)
                FusedSgd.Step(group.Parameters, group.Gradients, group.Velocities, group.WeightDecay, rule.Momentum, learningRate, rule.Nesterov, isFirstStep);
            else
                StepOneByOne(group, learningRate);
        }

        isFirstStep = false;
    }

    public void Reset()
    {
        using var noGradient = no_grad();
        foreach (var velocity in groups.SelectMany(group => group.Velocities))
            velocity.zero_();
        isFirstStep = true;
    }

    public void Dispose()
    {
        foreach (var velocity in groups.SelectMany(group => group.Velocities))
            velocity.Dispose();
    }

    private void StepOneByOne(Group group, double learningRate)
    {
        for (var index = 0; index < group.Parameters.Length; index++)
        {
            var gradient = group.Gradients[index].add(group.Parameters[index], alpha: group.WeightDecay);
            var velocity = group.Velocities[index].mul_(rule.Momentum).add_(gradient);
            var update = rule.Nesterov ? gradient.add(velocity, alpha: rule.Momentum) : velocity;
            group.Parameters[index].add_(update, alpha: -learningRate);
        }
    }

    /// <summary>Parameters of one weight decay, with the gradients of the present step.</summary>
    private sealed record Group(Parameter[] Parameters, Tensor[] Velocities, Tensor[] Gradients, double WeightDecay);
}
