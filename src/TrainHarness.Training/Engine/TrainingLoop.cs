using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Devices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>Trains one network until it reaches the target, exhausts its schedule, or diverges.</summary>
public sealed class TrainingLoop
{
    // Looking at the loss waits for the device, so it is not done at every step.
    private const int StepsBetweenLooks = 20;

    private readonly PreparedTrial trial;
    private readonly TrainingPlan plan;
    private readonly LoopState state;
    private readonly IProgress<TrainingProgress>? progress;
    private readonly RecentRate recent = new();

    private TrainingLoop(PreparedTrial trial, IProgress<TrainingProgress>? progress)
    {
        this.trial = trial;
        this.progress = progress;
        (plan, state) = (trial.Plan, trial.State);
    }

    /// <inheritdoc cref="Run(TrainingPlan, Func{TrainingPlan, TrainingTask}, TrialCheckpoints, IProgress{TrainingProgress}, CancellationToken)"/>
    public static TrainingResult Run(TrainingPlan plan, Func<TrainingPlan, TrainingTask> open, IProgress<TrainingProgress>? progress, CancellationToken cancellation) =>
        Run(plan, open, checkpoints: null, progress, cancellation);

    /// <param name="open">Opens what the plan asks for; again, with a smaller batch, where the device cannot hold it.</param>
    /// <param name="checkpoints">Where the trial goes on from, and saves what it has done; null where it does neither.</param>
    /// <exception cref="ConfigurationException">A step does not fit the device's memory, or the checkpoint belongs to something else.</exception>
    /// <exception cref="InsufficientMemoryException">The device's memory was exhausted on the way.</exception>
    /// <exception cref="OperationCanceledException">Stopped on request between two steps, with a checkpoint.</exception>
    public static TrainingResult Run(
        TrainingPlan plan, Func<TrainingPlan, TrainingTask> open, TrialCheckpoints? checkpoints, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        ComputeDevice.Set(plan.Study, plan.Recipe.Precision);
        using var trial = PreparedTrial.Of(plan, open);
        checkpoints?.Restore(trial.State, trial.Arithmetic.ProblemOf);
        try
        {
            return new TrainingLoop(trial, progress).Run(checkpoints, cancellation);
        }
        catch (Exception error) when (error is not InsufficientMemoryException && MemoryLimit.IsExhausted(error))
        {
            throw new InsufficientMemoryException($"{plan.Trial.Id}: {plan.Device} ran out of memory at step {trial.State.Step}; is something else using it?", error);
        }
    }

    private TrainingResult Run(TrialCheckpoints? checkpoints, CancellationToken cancellation)
    {
        TrialPhases.Enter(TrialPhase.Training);
        var crossing = FindCrossing();
        using var batches = trial.Task.Batches.From(state.Step).GetEnumerator();
        recent.Start(state.TrainingClock.Seconds, state.Examples, (double)Flops.Training(state.Ledger, Convention.Exact).Count);
        StartClock();
        while (state.Step < trial.Schedule.Steps)
        {
            if (checkpoints is not null && (checkpoints.IsDue || cancellation.IsCancellationRequested))
                SaveHere(checkpoints);
            cancellation.ThrowIfCancellationRequested();
            var looks = state.Step % StepsBetweenLooks == 0;
            var examplesBefore = state.Examples;
            TrainStep(batches, looks);
            var evaluates = trial.Points.Contain(examplesBefore, state.Examples, state.Step);
            if (evaluates)
            {
                EvaluateHere();
                crossing = FindCrossing();
            }

            if (state.Divergence is not null)
                return Finish(Outcome.Diverged, crossing);
            if (looks || evaluates)
                progress?.Report(TrainingProgress.Of(trial, recent, evaluates));
            if (crossing is not null && plan.Study.Stop == StopRule.AtTarget
                && state.Evaluations.Count > crossing.First + ProtocolVersion.ConfirmingEvaluations)
                break;
        }

        var outcome = crossing is not null ? Outcome.Reached : plan.Threshold is null ? Outcome.Completed : Outcome.Missed;
        return Finish(outcome, crossing);
    }

    /// <summary>Batch, step, ledger.</summary>
    private void TrainStep(IEnumerator<IBatch> batches, bool looks)
    {
        using var scope = NewDisposeScope();
        using var batch = Next(batches);
        var random = Seeds.Generator(plan.Trial.Seed, "augmentation", state.Step);
        using var loss = trial.Step.Run(batch, random, plan.Recipe.LearningRateAt(plan.Start, trial.Schedule.ProgressAt(state.Step)));
        state.Ledger = state.Ledger.WithStep(trial.Prices[batch.Shape]);
        if (batch.Spent is var spent && spent != Macs.Zero)
            state.Ledger = state.Ledger.WithGeneration(spent);
        state.Examples += batch.Shape.Examples;
        state.Step++;
        state.Energy.Sample();
        if (!looks)
            return;
        state.LatestLoss = loss.ToDouble();
        if (!double.IsFinite(state.LatestLoss))
            state.Divergence = FormattableString.Invariant($"the training loss at step {state.Step}");
    }

    private IBatch Next(IEnumerator<IBatch> batches)
    {
        state.DataWait.Start();
        var isThere = batches.MoveNext();
        state.DataWait.Stop();
        return isThere ? batches.Current : throw new InvalidOperationException($"The workload's batches end after {state.Step} of {trial.Schedule.Steps} steps.");
    }

    private void EvaluateHere()
    {
        StopClock();
        TrialPhases.Enter(TrialPhase.Evaluation);
        state.EvaluationClock.Start();
        state.Average?.Swap();
        var result = Evaluated();
        state.Average?.Swap();
        state.EvaluationClock.Stop();
        state.Ledger = state.Ledger.WithEvaluation(result.Spent);
        if (double.IsFinite(result.Loss ?? 0))
            state.Evaluations.Add(Evaluation(result));
        else
            state.Divergence = FormattableString.Invariant($"the validation loss at step {state.Step}");
        if (WeightsFingerprint.FirstNotFinite(state.Network) is { } name)
            state.Divergence ??= FormattableString.Invariant($"'{name}' at step {state.Step}");
        TrialPhases.Enter(TrialPhase.Training);
        StartClock();
    }

    private EvaluationResult Evaluated()
    {
        try
        {
            return trial.Task.Evaluator.Evaluate();
        }
        catch (Exception error) when (MemoryLimit.IsExhausted(error))
        {
            throw MemoryLimit.OfEvaluation(plan, state.Step, error);
        }
    }

    private Evaluation Evaluation(EvaluationResult result) => new()
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

    private void StartClock()
    {
        state.TrainingClock.Start();
        state.Energy.Start();
    }

    private void StopClock()
    {
        state.TrainingClock.Stop();
        state.Energy.Stop();
        // The device may have worked on, or waited, while the process was suspended.
        if (plan.Suspensions?.Seconds > 0)
            state.Energy.Forget();
    }

    private void SaveHere(TrialCheckpoints checkpoints)
    {
        StopClock();
        TrialPhases.Enter(TrialPhase.Checkpoint);
        checkpoints.Save(state);
        TrialPhases.Enter(TrialPhase.Training);
        StartClock();
    }

    private Crossing? FindCrossing() => plan.Threshold is { } threshold ? Crossing.Find(Curve(), threshold, plan.Study.Target.Metric) : null;

    private List<double> Curve() => state.Evaluations.ConvertAll(evaluation => evaluation.ValueOf(plan.Study.Target.Metric.Name));

    private TrainingResult Finish(Outcome outcome, Crossing? crossing)
    {
        StopClock();
        return TrainingResult.Of(trial, outcome, crossing);
    }
}
