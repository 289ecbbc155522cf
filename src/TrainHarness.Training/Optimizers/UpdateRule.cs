using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// How one parameter follows from its gradient: the base of an optimizer of the user's own, which a study names by its file. It keeps
/// nothing itself: what it remembers of past steps lies in its state, which a checkpoint saves.
/// </summary>
public abstract class UpdateRule
{
    /// <summary>Names of what it remembers of each parameter: a tensor like the parameter for each, zero before the first step.</summary>
    public abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>Moves a parameter in place. No gradient is recorded, and what is allocated goes with the step.</summary>
    /// <param name="parameter">Its values are changed by operators that end in <c>_</c>.</param>
    /// <param name="gradient">Like the parameter.</param>
    /// <param name="state">In the order of <see cref="StateNames"/>; changed in place.</param>
    public abstract void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state, UpdateStep at);
}

/// <summary>What an update knows of its step.</summary>
/// <param name="LearningRate">By the recipe's start and schedule.</param>
/// <param name="WeightDecay">Of this parameter: the recipe's, or 0 for an exempt one.</param>
/// <param name="Number">Counted from 1.</param>
public readonly record struct UpdateStep(double LearningRate, double WeightDecay, long Number);
