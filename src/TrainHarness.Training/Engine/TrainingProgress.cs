using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>Where a running trial is; for people to watch, never used by the training.</summary>
/// <param name="Rate">Achieved so far in training, by the convention <c>exact</c>: two for each multiply-add.</param>
/// <param name="PeakRate">What the device's data sheet promises for the recipe's precision; null where it is not known.</param>
/// <param name="DataWaitShare">Part of the training time in which the host waited for a batch.</param>
/// <param name="Loss">Training loss of the latest step that was looked at.</param>
/// <param name="IsEvaluation">Whether the latest evaluation was made just now.</param>
/// <param name="Metric">The target's metric at the latest evaluation; null before the first.</param>
public sealed record TrainingProgress(
    double Epoch,
    int Epochs,
    long Examples,
    double ExamplesPerSecond,
    FlopRate Rate,
    FlopRate? PeakRate,
    double DataWaitShare,
    double Loss,
    double? Metric,
    double? Threshold,
    Macs TrainingMacs,
    double SecondsLeft,
    int Evaluations,
    bool IsEvaluation)
{
    /// <summary>Part of the device's peak; null where that is not known.</summary>
    public double? PeakShare => PeakRate is { } peak ? Rate.PartOf(peak) : null;

    internal static TrainingProgress Of(PreparedTrial trial, bool isEvaluation)
    {
        var (plan, state, schedule) = (trial.Plan, trial.State, trial.Schedule);
        var seconds = state.TrainingClock.Seconds + state.EvaluationClock.Seconds;
        return new TrainingProgress(
            schedule.EpochAt(state.Step),
            schedule.Epochs,
            state.Examples,
            state.Examples / state.TrainingClock.Seconds,
            new FlopRate((double)Flops.Training(state.Ledger, Convention.Exact).Count / state.TrainingClock.Seconds),
            plan.PeakRate,
            state.DataWait.Seconds / state.TrainingClock.Seconds,
            state.LatestLoss,
            state.Evaluations.Count > 0 ? state.Evaluations[^1].ValueOf(plan.Study.Target.Metric.Name) : null,
            plan.Threshold,
            state.Ledger.Training,
            seconds * (schedule.Steps - state.Step) / state.Step,
            state.Evaluations.Count,
            isEvaluation);
    }
}
