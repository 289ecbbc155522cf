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
/// <param name="Threshold">Null for a trial that sets the target.</param>
/// <param name="Metrics">That its evaluations have.</param>
/// <param name="StepCost">Of one full batch.</param>
/// <param name="EvaluationSeconds">
/// Null where training went on beyond the end, and a checkpoint of an earlier version does not say what came before it.
/// </param>
/// <param name="WeightsSha256">Of the last weights and buffers; null where training went on beyond the end.</param>
/// <param name="DataWaitSeconds">Part of the training seconds in which the host waited for a batch; null likewise.</param>
/// <param name="DataPath">See <see cref="TrainingTask.DataPath"/>.</param>
/// <param name="NativePaths">Names of those that were used.</param>
/// <param name="Joules">Of training alone; null where it is not known.</param>
/// <param name="EnergyMeter">What counted them, see <see cref="EnergyCounter.Covers"/>; null where nothing did.</param>
/// <param name="Test">See <see cref="ITestEvaluator"/>; null for a trial that diverged.</param>
public sealed record TrainingResult(
    Outcome Outcome,
    string? Divergence,
    Crossing? Crossing,
    double? Threshold,
    IReadOnlyList<Evaluation> Evaluations,
    ComputeLedger Ledger,
    IReadOnlyList<Metric> Metrics,
    NetworkCost StepCost,
    long Parameters,
    long Steps,
    long Examples,
    double TrainingSeconds,
    double? EvaluationSeconds,
    string? WeightsSha256,
    double? DataWaitSeconds,
    string DataPath,
    IReadOnlyList<string> NativePaths,
    double? Joules,
    string? EnergyMeter,
    TestRecord? Test
)
{
    /// <summary>What it did beyond its end, before it learnt that it had come to it; null where it did not.</summary>
    public BeyondRecord? Beyond { get; init; }

    /// <summary>Of training and evaluation together, with what came beyond the end.</summary>
    internal double ClockedSeconds { get; private init; }

    internal static TrainingResult Of(PreparedTrial trial, Outcome outcome, Crossing? crossing, double? threshold, TestRecord? test)
    {
        var state = trial.State;
        return new TrainingResult(
            outcome,
            outcome == Outcome.Diverged ? state.Divergence : null,
            crossing,
            threshold,
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
        )
        {
            ClockedSeconds = state.TrainingClock.Seconds + state.EvaluationClock.Seconds,
        };
    }

    /// <summary>The same as if it had ended at the last of these evaluations.</summary>
    /// <param name="evaluationSeconds">That they took; null where it is not known.</param>
    internal TrainingResult Until(IReadOnlyList<Evaluation> charged, double? evaluationSeconds)
    {
        var last = charged[^1];
        return this with
        {
            Evaluations = charged,
            Ledger = last.Ledger,
            Steps = last.Step,
            Examples = last.Examples,
            TrainingSeconds = last.Seconds,
            EvaluationSeconds = evaluationSeconds,
            Joules = last.Joules,
            WeightsSha256 = null,
            DataWaitSeconds = null,
            Beyond = new BeyondRecord(
                Examples - last.Examples,
                new Macs(Ledger.Training.Count - last.Ledger.Training.Count),
                TrainingSeconds - last.Seconds
            ),
        };
    }
}
