using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>What one trial spent until the target, in one measure of cost.</summary>
/// <param name="Cost">At the first crossing; on a miss, all that was spent, which the true cost exceeds.</param>
/// <param name="Reached">False for a miss: the cost to target is then infinite and <paramref name="Cost"/> a lower bound.</param>
/// <param name="Resolved">At least <see cref="ProtocolVersion.ResolvingEvaluations"/> evaluations lie before the crossing.</param>
/// <param name="Evaluation">Index of the crossing; null for a miss, and where it is not known.</param>
public sealed record CostToTarget(double Cost, bool Reached, bool Resolved, int? Evaluation = null)
{
    /// <summary>
    /// Null for a diverged trial, which bounds nothing even where it crossed the target first, and for one without evaluations.
    /// </summary>
    /// <param name="measure">Cost at an evaluation: multiply-adds, seconds, …</param>
    public static CostToTarget? Of(TrialResult trial, double threshold, Func<Evaluation, double> measure) =>
        new TrialCurve(trial).CostTo(threshold, measure);
}
