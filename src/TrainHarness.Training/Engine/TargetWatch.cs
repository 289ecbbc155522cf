using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Training.Engine;

/// <summary>Whether the evaluations of a trial have reached its target.</summary>
internal sealed class TargetWatch(PreparedTrial trial)
{
    /// <summary>Null before it, and for a trial that sets the target.</summary>
    public Crossing? Crossing { get; private set; }

    /// <summary>Enough evaluations have followed the crossing, where the study stops there.</summary>
    public bool IsConfirmed =>
        Crossing is { First: var first }
        && trial.Plan.Study.Stop == StopRule.AtTarget
        && trial.State.Evaluations.Count > first + ProtocolVersion.ConfirmingEvaluations;

    /// <summary>Of a trial that ends here.</summary>
    public Outcome Outcome =>
        trial.State.Divergence is not null ? Outcome.Diverged
        : Crossing is not null ? Outcome.Reached
        : trial.Plan.Threshold is null ? Outcome.Completed
        : Outcome.Missed;

    /// <summary>Looks again, after another evaluation.</summary>
    public void Look()
    {
        var metric = trial.Plan.Study.Target.Metric;
        Crossing = trial.Plan.Threshold is { } threshold
            ? Crossing.Find(trial.State.Evaluations.ConvertAll(evaluation => evaluation.ValueOf(metric.Name)), threshold, metric)
            : null;
    }
}
