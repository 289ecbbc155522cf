using TorchSharp.Modules;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>What is done to a network with one batch, and what `study plan` and the benchmarks time.</summary>
/// <param name="average">Follows the weights; null where the recipe has none.</param>
/// <param name="gradientClip">See <see cref="Protocol.Recipe.GradientClip"/>.</param>
public sealed class TrainingStep(
    nn.Module network,
    IObjective objective,
    IOptimizer optimizer,
    WeightAverage? average,
    double? gradientClip
)
{
    private readonly Parameter[] parameters = [.. network.parameters()];

    /// <summary>Loss, backward, optimizer.</summary>
    /// <param name="random">Decides what the objective draws.</param>
    /// <returns>The loss before the update, a scalar on the device.</returns>
    public Tensor Run(IBatch batch, Random random, double learningRate)
    {
        var loss = Loss(batch, random);
        // The network's own zero_grad walks through all its modules first.
        foreach (var parameter in parameters)
            parameter.grad = null;
        loss.backward();
        if (gradientClip is { } limit)
            GradientClip.Apply(parameters, limit);
        optimizer.Update(learningRate);
        average?.Update();
        return loss;
    }

    private Tensor Loss(IBatch batch, Random random)
    {
        // A scope of its own: activations die with the backward pass, not with the step.
        using var scope = NewDisposeScope();
        return objective.Loss(batch, random).MoveToOuterDisposeScope();
    }
}
