using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// Something that a trial carries from step to step, and that a checkpoint saves and fills: an optimizer, an average of weights, a replay
/// buffer.
/// </summary>
public interface ISavedState
{
    /// <summary>The live tensors by name. Names, types and shapes are the same all through a trial.</summary>
    IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Takes the state, filled from a checkpoint, for that of so many steps.</summary>
    /// <param name="steps">At least one.</param>
    void ResumeAfter(long steps);
}
