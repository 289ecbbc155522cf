using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Training.Engine;

/// <summary>Whether the evaluations of a trial have reached its target, which it may learn on its way.</summary>
internal sealed class TargetWatch(PreparedTrial trial)
{
    /// <summary>Null for a trial that sets the target, and while it is not known.</summary>
    public double? Threshold { get; private set; } = trial.Plan.Threshold;

    /// <summary>Whether the trial cannot be judged yet.</summary>
    public bool IsAwaited => Threshold is null && trial.Plan.AwaitedThreshold is not null;

    /// <summary>Null before it, and for a trial that sets the target.</summary>
    public Crossing? Crossing { get; private set; }

    /// <summary>Enough evaluations have followed the crossing, where the study stops there.</summary>
    public bool IsConfirmed => trial.State.Evaluations.Count >= LastEvaluation;

    /// <summary>How many evaluations the trial has where it stops at its target; more were made before it knew that.</summary>
    private int LastEvaluation =>
        Crossing is { First: var first } && trial.Plan.Study.Stop == StopRule.AtTarget
            ? first + 1 + ProtocolVersion.ConfirmingEvaluations
            : int.MaxValue;

    /// <summary>Looks again, after another evaluation.</summary>
    public void Look()
    {
        Threshold ??= trial.Plan.AwaitedThreshold?.Invoke();
        Crossing = Find(trial.State.Evaluations);
    }

    /// <summary>
    /// What a trial that ends here leaves. What came after the evaluation at which it would have stopped, had it known its target, is
    /// told apart.
    /// </summary>
    /// <param name="test">What the weights do that the trial ends with; not asked where they went on, or are not finite.</param>
    public TrainingResult Result(Func<TestRecord?> test)
    {
        var evaluations = trial.State.Evaluations;
        // A checkpoint may hold steps after the last evaluation, made while the target was not known.
        if (evaluations.Count < LastEvaluation || (evaluations.Count == LastEvaluation && evaluations[^1].Step == trial.State.Step))
            return TrainingResult.Of(
                trial,
                Outcome(trial.State.Divergence),
                Crossing,
                Threshold,
                trial.State.Divergence is null ? test() : null
            );
        var charged = evaluations.Take(LastEvaluation).ToList();
        return TrainingResult
            .Of(trial, Outcome(divergence: null), Find(charged), Threshold, test: null)
            .Until(charged, trial.State.EvaluationEnds[charged.Count - 1]);
    }

    private Outcome Outcome(string? divergence) =>
        divergence is not null ? Results.Outcome.Diverged
        : Crossing is not null ? Results.Outcome.Reached
        : Threshold is null ? Results.Outcome.Completed
        : Results.Outcome.Missed;

    private Crossing? Find(IReadOnlyList<Evaluation> evaluations)
    {
        var metric = trial.Plan.Study.Target.Metric;
        return Threshold is { } threshold
            ? Crossing.Find([.. evaluations.Select(evaluation => evaluation.ValueOf(metric.Name))], threshold, metric)
            : null;
    }
}
