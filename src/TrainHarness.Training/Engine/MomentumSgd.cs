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
public sealed class MomentumSgd : IDisposable
{
    private readonly OptimizerRule rule;
    private readonly Parameter[] parameters;
    private readonly Tensor[] velocities;
    private readonly Tensor[] gradients;
    private bool isFirstStep = true;

    public MomentumSgd(IEnumerable<Parameter> parameters, OptimizerRule rule, bool useFused)
    {
        this.rule = rule;
        this.parameters = [.. parameters.Where(parameter => parameter.requires_grad)];
        velocities = [.. this.parameters.Select(parameter => zeros_like(parameter).detach().DetachFromDisposeScope())];
        gradients = new Tensor[this.parameters.Length];
        IsFused = useFused && FusedSgd.IsAvailable;
    }

    public bool IsFused { get; }

    /// <summary>Updates every parameter from its gradient.</summary>
    public void Step(double learningRate)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        for (var index = 0; index < parameters.Length; index++)
            gradients[index] = parameters[index].grad ?? throw new InvalidOperationException($"Parameter {index} has no gradient.");
        if (IsFused)
            FusedSgd.Step(parameters, gradients, velocities, rule.WeightDecay, rule.Momentum, learningRate, rule.Nesterov, isFirstStep);
        else
            StepOneByOne(learningRate);
        isFirstStep = false;
    }

    /// <summary>Forgets the past: the next step is a first step.</summary>
    public void Reset()
    {
        using var noGradient = no_grad();
        foreach (var velocity in velocities)
            velocity.zero_();
        isFirstStep = true;
    }

    public void Dispose()
    {
        foreach (var velocity in velocities)
            velocity.Dispose();
    }

    private void StepOneByOne(double learningRate)
    {
        for (var index = 0; index < parameters.Length; index++)
        {
            var gradient = gradients[index].add(parameters[index], alpha: rule.WeightDecay);
            var velocity = velocities[index].mul_(rule.Momentum).add_(gradient);
            var update = rule.Nesterov ? gradient.add(velocity, alpha: rule.Momentum) : velocity;
            parameters[index].add_(update, alpha: -learningRate);
        }
    }
}
