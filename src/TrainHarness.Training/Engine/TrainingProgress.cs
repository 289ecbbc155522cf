using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>Where a running trial is; for people to watch, never used by the training.</summary>
/// <param name="ExamplesPerSecond">Of the last seconds of training, see <see cref="RecentRate"/>.</param>
/// <param name="Rate">Achieved in the last seconds of training, by the convention <c>exact</c>: two for each multiply-add.</param>
/// <param name="PeakRate">What the device's data sheet promises for the recipe's precision; null where it is not known.</param>
/// <param name="DataWaitShare">Part of the training time in which the host waited for a batch.</param>
/// <param name="Loss">Training loss of the latest step that was looked at.</param>
/// <param name="SecondsSoFar">Of training and evaluation.</param>
/// <param name="SecondsLeft">Of the same, at most: to the end of the schedule.</param>
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
    double SecondsSoFar,
    double SecondsLeft,
    int Evaluations,
    bool IsEvaluation
)
{
    /// <summary>Part of the device's peak; null where that is not known.</summary>
    public double? PeakShare => PeakRate is { } peak ? Rate.PartOf(peak) : null;

    /// <param name="recent">Goes on to this moment.</param>
    /// <param name="threshold">As far as it is known.</param>
    internal static TrainingProgress Of(PreparedTrial trial, RecentRate recent, double? threshold, bool isEvaluation)
    {
        var (plan, state, schedule) = (trial.Plan, trial.State, trial.Schedule);
        var training = state.TrainingClock.Seconds;
        recent.Add(training, state.Examples, (double)Flops.Training(state.Ledger, Convention.Exact).Count);
        var seconds = training + state.EvaluationClock.Seconds;
        return new TrainingProgress(
            schedule.EpochAt(state.Step),
            schedule.Epochs,
            state.Examples,
            recent.ExamplesPerSecond,
            new FlopRate(recent.FlopsPerSecond),
            plan.PeakRate,
            training > 0 ? state.DataWait.Seconds / training : 0,
            state.LatestLoss,
            state.Evaluations.Count > 0 ? state.Evaluations[^1].ValueOf(plan.Study.Target.Metric.Name) : null,
            threshold,
            state.Ledger.Training,
            seconds,
            seconds * (schedule.Steps - state.Step) / state.Step,
            state.Evaluations.Count,
            isEvaluation
        );
    }
}
