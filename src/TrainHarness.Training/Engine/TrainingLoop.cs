using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
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
    private readonly TrainingTime time;
    private readonly TrialEvaluation evaluation;
    private readonly TargetWatch target;

    private TrainingLoop(PreparedTrial trial)
    {
        (this.trial, plan, state) = (trial, trial.Plan, trial.State);
        (time, evaluation, target) = (new TrainingTime(trial), new TrialEvaluation(trial), new TargetWatch(trial));
    }

    /// <inheritdoc cref="Run(TrainingPlan, Func{TrainingPlan, TrainingTask}, TrialCheckpoints, IProgress{TrainingProgress},
    /// CancellationToken)"/>
    public static TrainingResult Run(
        TrainingPlan plan,
        Func<TrainingPlan, TrainingTask> open,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    ) => Run(plan, open, checkpoints: null, progress, cancellation);

    /// <param name="open">Opens what the plan asks for; again, with a smaller batch, where the device cannot hold it.</param>
    /// <param name="checkpoints">Where the trial goes on from, and saves what it has done; null where it does neither.</param>
    /// <exception cref="ConfigurationException">
    /// A step does not fit the device's memory, or the checkpoint belongs to something else.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">The device's memory was exhausted on the way.</exception>
    /// <exception cref="TargetAwaitedException">The schedule is over and the target not known; there is a checkpoint.</exception>
    /// <exception cref="OperationCanceledException">Stopped on request between two steps, with a checkpoint.</exception>
    public static TrainingResult Run(
        TrainingPlan plan,
        Func<TrainingPlan, TrainingTask> open,
        TrialCheckpoints? checkpoints,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    )
    {
        ComputeDevice.Set(plan.Study, plan.Recipe.Precision);
        using var trial = PreparedTrial.Of(plan, open);
        checkpoints?.Restore(trial.State, trial.Arithmetic.ProblemOf);
        try
        {
            return new TrainingLoop(trial).Run(checkpoints, progress, cancellation);
        }
        catch (Exception error) when (error is not InsufficientMemoryException && MemoryLimit.IsExhausted(error))
        {
            throw MemoryLimit.OnTheWay(plan, trial.State.Step, error);
        }
    }

    private TrainingResult Run(TrialCheckpoints? checkpoints, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using var batches = new TrialBatches(trial);
        var recent = new RecentRate();
        recent.Start(state.TrainingClock.Seconds, state.Examples, (double)Flops.Training(state.Ledger, Convention.Exact).Count);
        target.Look();
        time.Start();
        while (!target.IsConfirmed && state.Step < trial.Schedule.Steps)
        {
            if (checkpoints is not null && (checkpoints.IsDue || cancellation.IsCancellationRequested))
                time.Pause(TrialPhase.Checkpoint, () => checkpoints.Save(state));
            cancellation.ThrowIfCancellationRequested();
            var looks = state.Step % StepsBetweenLooks == 0;
            var examplesBefore = state.Examples;
            TrainStep(batches, looks);
            var evaluates = trial.Points.Contain(examplesBefore, state.Examples, state.Step);
            if (evaluates)
                time.Pause(TrialPhase.Evaluation, Evaluate);
            if (state.Divergence is not null)
                break;
            if (looks || evaluates)
                progress?.Report(TrainingProgress.Of(trial, recent, target.Threshold, evaluates));
        }

        time.Stop();
        if (!target.IsAwaited)
            return target.Result(evaluation.Test);
        // Weights that are not finite do not go on anywhere: it goes on from before.
        if (state.Divergence is null)
            checkpoints?.Save(state);
        throw new TargetAwaitedException();
    }

    // The target may have to be read from what others have measured.
    private void Evaluate()
    {
        evaluation.Run();
        target.Look();
    }

    /// <summary>Batch, step, ledger.</summary>
    private void TrainStep(TrialBatches batches, bool looks)
    {
        using var scope = NewDisposeScope();
        using var batch = batches.Next();
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
        // Not ToDouble, which reads a number that nothing holds.
        using var onHost = loss.cpu().to_type(ScalarType.Float64);
        state.LatestLoss = onHost.item<double>();
        if (!double.IsFinite(state.LatestLoss))
            state.Divergence = FormattableString.Invariant($"the training loss at step {state.Step}");
    }
}
