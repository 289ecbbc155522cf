using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>Where a running trial is; for people to watch, never used by the training.</summary>
/// <param name="Loss">Training loss of the latest step that was looked at.</param>
/// <param name="Metric">The target's metric at the latest evaluation; null before the first.</param>
public sealed record TrainingProgress(
    double Epoch,
    int Epochs,
    long Examples,
    double ExamplesPerSecond,
    double Loss,
    double? Metric,
    double? Threshold,
    Macs TrainingMacs,
    double SecondsLeft,
    int Evaluations);
