using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>A training run as a checkpoint sees it.</summary>
internal interface ISavedRun
{
    Device Device { get; }

    /// <summary>Optimizer steps taken.</summary>
    long Step { get; }

    /// <summary>Its tensors, by part; the parts in the order in which they are saved.</summary>
    IReadOnlyList<(string Part, ISavedState State)> Parts { get; }

    /// <summary>All of it that is no tensor.</summary>
    CheckpointHeader Describe(CheckpointOrigin origin, TrialClock clock);

    /// <summary>Goes on from a header; the parts are filled already.</summary>
    /// <returns>What people must know; null where there is nothing.</returns>
    string? Resume(CheckpointHeader header);
}
