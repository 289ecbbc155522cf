using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>What one trial trains, on what, towards what, and how it is judged. It belongs to the trial, which disposes of it.</summary>
/// <param name="Network">In training mode on the trial's device, with the weights that its seed gives.</param>
/// <param name="Shapes">May be the same object as the batches.</param>
public sealed record TrainingTask(nn.Module Network, IBatchSource Batches, IBatchShapes Shapes, IObjective Objective, IEvaluator Evaluator)
    : IDisposable
{
    /// <summary>How batches reach the device, in a word for record.json.</summary>
    public required string DataPath { get; init; }

    /// <summary>The ways past TorchSharp's own bindings that batches take.</summary>
    public IReadOnlyList<NativePath> NativePaths { get; init; } = [];

    /// <summary>What the workload itself carries from step to step, by name; a checkpoint saves it.</summary>
    public IReadOnlyDictionary<string, ISavedState> SavedStates { get; init; } = new Dictionary<string, ISavedState>();

    /// <summary>What else it holds.</summary>
    public IReadOnlyList<IDisposable> Held { get; init; } = [];

    public void Dispose()
    {
        foreach (var part in Held)
            part.Dispose();
        Network.Dispose();
    }
}
