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
        var result = Evaluate();
        state.Average?.Swap();
        state.EvaluationClock.Stop();
        state.Ledger = state.Ledger.WithEvaluation(result.Spent);
        if (double.IsFinite(result.Loss ?? 0))
            state.Evaluations.Add(Of(result));
        else
            state.Divergence = FormattableString.Invariant($"the validation loss at step {state.Step}");
        if (WeightsFingerprint.FirstNotFinite(state.Network) is { } name)
            state.Divergence ??= FormattableString.Invariant($"'{name}' at step {state.Step}");
    }

    private EvaluationResult Evaluate()
    {
        try
        {
            return trial.Task.Evaluator.Evaluate();
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
