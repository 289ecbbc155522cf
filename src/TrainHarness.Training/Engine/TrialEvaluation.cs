using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;

namespace TrainHarness.Training.Engine;

/// <summary>
/// Evaluates a trial where it stands, with the average of its weights where the recipe has one. It is recorded and never charged.
/// </summary>
internal sealed class TrialEvaluation(PreparedTrial trial)
{
    private readonly LoopState state = trial.State;

    /// <exception cref="InsufficientMemoryException">The device cannot hold it.</exception>
    public void Run()
    {
        state.EvaluationClock.Start();
        state.Average?.Swap();
        var result = Within(trial.Task.Evaluator.Evaluate);
        state.Average?.Swap();
        state.EvaluationClock.Stop();
        state.Ledger = state.Ledger.WithEvaluation(result.Spent);
        if (double.IsFinite(result.Loss ?? 0))
        {
            state.Evaluations.Add(Of(result));
            state.EvaluationEnds.Add(state.EvaluationClock.Seconds);
        }
        else
            state.Divergence = FormattableString.Invariant($"the validation loss at step {state.Step}");
        if (WeightsFingerprint.FirstNotFinite(state.Network) is { } name)
            state.Divergence ??= FormattableString.Invariant($"'{name}' at step {state.Step}");
    }

    /// <summary>What is measured once, when the trial has ended; null where the workload has nothing for that.</summary>
    /// <exception cref="InsufficientMemoryException">The device cannot hold it.</exception>
    public TestRecord? Test()
    {
        if (trial.Task.Evaluator is not ITestEvaluator evaluator)
            return null;
        TrialPhases.Enter(TrialPhase.Evaluation);
        state.EvaluationClock.Start();
        state.Average?.Swap();
        var test = Within(evaluator.Test);
        state.Average?.Swap();
        state.EvaluationClock.Stop();
        return test;
    }

    private T Within<T>(Func<T> measure)
    {
        try
        {
            return measure();
        }
        catch (Exception error) when (MemoryLimit.IsExhausted(error))
        {
            throw MemoryLimit.OfEvaluation(trial.Plan, state.Step, error);
        }
    }

    private Evaluation Of(EvaluationResult result) =>
        new()
        {
            Step = state.Step,
            Epoch = trial.Schedule.EpochAt(state.Step),
            Examples = state.Examples,
            Ledger = state.Ledger,
            Seconds = state.TrainingClock.Seconds,
            Joules = state.Energy.Joules,
            Loss = result.Loss,
            Metrics = result.Metrics,
        };
}
