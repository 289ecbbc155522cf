using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Results;

namespace TrainHarness.Training.Engine;

/// <summary>What a training run leaves: its curve and what it cost.</summary>
/// <param name="Divergence">What was not finite; null unless the trial diverged.</param>
/// <param name="StepCost">Of one full batch.</param>
/// <param name="WeightsSha256">Of the last weights and buffers.</param>
/// <param name="DataWaitSeconds">Part of the training seconds in which the host waited for a batch.</param>
/// <param name="DataPath">See <see cref="IExamples.DataPath"/>.</param>
/// <param name="NativePaths">Names of those that were used.</param>
/// <param name="Joules">Of training alone; null where it is not known.</param>
/// <param name="EnergyMeter">What counted them, see <see cref="EnergyCounter.Covers"/>; null where nothing did.</param>
public sealed record TrainingResult(
    Outcome Outcome,
    string? Divergence,
    Crossing? Crossing,
    IReadOnlyList<Evaluation> Evaluations,
    ComputeLedger Ledger,
    NetworkCost StepCost,
    long Parameters,
    long Steps,
    long Examples,
    double TrainingSeconds,
    double EvaluationSeconds,
    string WeightsSha256,
    double DataWaitSeconds,
    string DataPath,
    IReadOnlyList<string> NativePaths,
    double? Joules,
    string? EnergyMeter);
