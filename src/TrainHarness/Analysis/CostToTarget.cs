using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>What one trial spent until the target, in one measure of cost.</summary>
/// <param name="Cost">At the first crossing; on a miss, all that was spent, which the true cost exceeds.</param>
/// <param name="Reached">False for a miss: the cost to target is then infinite and <paramref name="Cost"/> a lower bound.</param>
/// <param name="Resolved">At least <see cref="ProtocolVersion.ResolvingEvaluations"/> evaluations lie before the crossing.</param>
public sealed record CostToTarget(double Cost, bool Reached, bool Resolved)
{
    /// <summary>Null for a diverged trial, which bounds nothing even where it crossed the target first, and for one without evaluations.</summary>
    /// <param name="measure">Cost at an evaluation: multiply-adds, seconds, …</param>
    public static CostToTarget? Of(TrialResult trial, double threshold, Func<Evaluation, double> measure)
    {
        if (trial.Record.Outcome == Outcome.Diverged || trial.Evaluations.Count == 0)
            return null;
        var metric = trial.Record.Target.Metric;
        var crossing = Crossing.Find([.. trial.Evaluations.Select(evaluation => evaluation.Metrics[metric])], threshold);
        if (crossing is null)
            return new CostToTarget(measure(trial.Evaluations[^1]), Reached: false, Resolved: true);
        return new CostToTarget(
            measure(trial.Evaluations[crossing.First]), Reached: true, Resolved: crossing.First >= ProtocolVersion.ResolvingEvaluations);
    }
}
