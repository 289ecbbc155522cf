using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Native;

namespace TrainHarness.Training.Optimizers;

/// <summary>Moves weights along their gradients. What it remembers of past steps is its saved state.</summary>
public interface IOptimizer : ISavedState, IDisposable
{
    /// <summary>What updates all parameters at once; null where they are updated one after the other.</summary>
    NativePath? NativePath { get; }

    /// <summary>Updates every parameter from its gradient.</summary>
    void Update(double learningRate);

    /// <summary>Forgets the past: the next step is a first step.</summary>
    void Reset();
}
