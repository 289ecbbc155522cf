using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Energy;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Training.Engine;

/// <summary>What a training run leaves: its curve and what it cost.</summary>
/// <param name="Divergence">What was not finite; null unless the trial diverged.</param>
/// <param name="Metrics">That its evaluations have.</param>
/// <param name="StepCost">Of one full batch.</param>
/// <param name="WeightsSha256">Of the last weights and buffers.</param>
/// <param name="DataWaitSeconds">Part of the training seconds in which the host waited for a batch.</param>
/// <param name="DataPath">See <see cref="TrainingTask.DataPath"/>.</param>
/// <param name="NativePaths">Names of those that were used.</param>
/// <param name="Joules">Of training alone; null where it is not known.</param>
/// <param name="EnergyMeter">What counted them, see <see cref="EnergyCounter.Covers"/>; null where nothing did.</param>
/// <param name="Test">See <see cref="ITestEvaluator"/>; null for a trial that diverged.</param>
public sealed record TrainingResult(
    Outcome Outcome,
    string? Divergence,
    Crossing? Crossing,
    IReadOnlyList<Evaluation> Evaluations,
    ComputeLedger Ledger,
    IReadOnlyList<Metric> Metrics,
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
    string? EnergyMeter,
    TestRecord? Test
)
{
    internal static TrainingResult Of(PreparedTrial trial, Outcome outcome, Crossing? crossing, TestRecord? test)
    {
        var state = trial.State;
        return new TrainingResult(
            outcome,
            state.Divergence,
            crossing,
            state.Evaluations,
            state.Ledger,
            trial.Task.Evaluator.Metrics,
            trial.Prices.OfFullBatch,
            state.Network.parameters().Sum(parameter => parameter.numel()),
            state.Step,
            state.Examples,
            state.TrainingClock.Seconds,
            state.EvaluationClock.Seconds,
            WeightsFingerprint.Of(state.Network),
            state.DataWait.Seconds,
            trial.Task.DataPath,
            [
                .. UsedNativePaths.Of(trial.Plan, trial.Task, state.Optimizer).Select(path => path.Name),
                .. state.Device.type == DeviceType.CUDA ? [] : ConvolutionKernels.NativePaths(),
            ],
            state.Energy.Joules,
            state.Energy.Covers,
            test
        );
    }
}
