using TorchSharp;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Compute;
using TrainHarness.Training.Data;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Engine;

/// <summary>Trains one network until it reaches the target, exhausts its schedule, or diverges.</summary>
public sealed class TrainingLoop : IDisposable
{
    private const int WarmUpSteps = 2;

    // Looking at the loss waits for the device, so it is not done at every step.
    private const int StepsBetweenLooks = 20;

    private readonly TrainingPlan plan;
    private readonly EpochOrder order;
    private readonly IExamples examples;
    private readonly Augmentation augmentation;
    private readonly Evaluator evaluator;
    private readonly Dictionary<int, NetworkCost> costs;
    private readonly Macs evaluationCost;
    private readonly LoopState state;
    private readonly TrainingStep step;
    private readonly RecentRate recent = new();
    private readonly long lastStep;

    private TrainingLoop(TrainingPlan plan, DatasetPack pack)
    {
        this.plan = plan;
        var (classes, size) = (pack.Header.ClassNames.Count, plan.Study.ImageSize);
        order = new EpochOrder(plan.Trial.Seed, pack.Header.TrainCount, plan.Recipe.BatchSize);
        lastStep = (long)order.StepsPerEpoch * plan.Recipe.Epochs;
        examples = IExamples.Of(pack, plan.Device);
        augmentation = new Augmentation(plan.Recipe.Augmentation, plan.Study.Dataset, plan.Device);
        evaluator = new Evaluator(pack, examples, augmentation, plan.Recipe, size, plan.Device);
        var network = TrainedNetwork.Build(plan.Architecture, plan.Trial.Entry, plan.Trial.Seed, classes, size, plan.Device);
        costs = order.BatchSizes.ToDictionary(batch => batch, batch => Price(network, batch));
        network.eval();
        evaluationCost = Price(network, 1).Forward * pack.Header.ValidationCount;
        network.train();
        state = new LoopState
        {
            Device = plan.Device,
            Network = network,
            Optimizer = Optimizer.For(plan.Recipe.Optimizer, network.parameters()),
            Average = plan.Recipe.AverageDecay is { } decay ? new WeightAverage(network, decay) : null,
            TrainingClock = new PausableClock(plan.Device, plan.Suspensions),
            EvaluationClock = new PausableClock(plan.Device, plan.Suspensions),
            DataWait = new PausableClock(CPU, plan.Suspensions),
            Energy = new EnergyMeter(plan.Energy),
        };
        step = new TrainingStep(network, state.Optimizer, state.Average, augmentation, plan.Recipe, size);
    }

    /// <inheritdoc cref="Run(TrainingPlan, DatasetPack, TrialCheckpoints, IProgress{TrainingProgress}, CancellationToken)"/>
    public static TrainingResult Run(TrainingPlan plan, DatasetPack pack, IProgress<TrainingProgress>? progress, CancellationToken cancellation) =>
        Run(plan, pack, checkpoints: null, progress, cancellation);

    /// <param name="checkpoints">Where the trial goes on from, and saves what it has done; null where it does neither.</param>
    /// <exception cref="ConfigurationException">A step does not fit the device's memory, or the checkpoint belongs to something else.</exception>
    /// <exception cref="InsufficientMemoryException">The device's memory was exhausted on the way.</exception>
    /// <exception cref="OperationCanceledException">Stopped on request between two steps, with a checkpoint.</exception>
    public static TrainingResult Run(
        TrainingPlan plan, DatasetPack pack, TrialCheckpoints? checkpoints, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        ComputeDevice.Set(plan.Study, plan.Recipe.Precision);
        using var loop = Prepare(plan, pack);
        checkpoints?.Restore(loop.state, loop.ProblemOf);
        try
        {
            return loop.Run(checkpoints, progress, cancellation);
        }
        catch (Exception error) when (error is not InsufficientMemoryException && MemoryLimit.IsExhausted(error))
        {
            throw new InsufficientMemoryException($"{plan.Trial.Id}: {plan.Device} ran out of memory at step {loop.state.Step}; is something else using it?", error);
        }
    }

    private static TrainingLoop Prepare(TrainingPlan plan, DatasetPack pack)
    {
        TrainingLoop? loop = null;
        try
        {
            loop = new TrainingLoop(plan, pack);
            loop.WarmUp();
            return loop;
        }
        catch (Exception error) when (MemoryLimit.IsExhausted(error))
        {
            loop?.Dispose();
            // What a constructor that threw has made is nobody's: its tensors go with their finalizers.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            throw MemoryLimit.Refusal(plan, pack, error);
        }
    }

    public void Dispose()
    {
        augmentation.Dispose();
        examples.Dispose();
        state.Dispose();
    }

    private TrainingResult Run(TrialCheckpoints? checkpoints, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        TrialPhases.Enter(TrialPhase.Training);
        var crossing = FindCrossing();
        using var batches = examples.Read(Split.Train, order.Batches(state.Step, lastStep)).GetEnumerator();
        recent.Start(state.TrainingClock.Seconds, state.Examples, (double)Flops.Training(state.Ledger, Convention.Exact).Count);
        StartClock();
        while (state.Step < lastStep)
        {
            if (checkpoints is not null && (checkpoints.IsDue || cancellation.IsCancellationRequested))
                SaveHere(checkpoints);
            cancellation.ThrowIfCancellationRequested();
            var looks = state.Step % StepsBetweenLooks == 0;
            var examplesBefore = state.Examples;
            TrainStep(batches, looks);
            var evaluates = IsEvaluationPoint(examplesBefore, state.Examples, state.Step);
            if (evaluates)
            {
                EvaluateHere();
                crossing = FindCrossing();
            }

            if (state.Divergence is not null)
                return Finish(Outcome.Diverged, crossing);
            if (looks || evaluates)
                progress?.Report(Progress(evaluates));
            if (crossing is not null && plan.Study.Stop == StopRule.AtTarget
                && state.Evaluations.Count > crossing.First + ProtocolVersion.ConfirmingEvaluations)
                break;
        }

        var outcome = crossing is not null ? Outcome.Reached : plan.Threshold is null ? Outcome.Completed : Outcome.Missed;
        return Finish(outcome, crossing);
    }

    /// <summary>
    /// What of a checkpoint is not as its step decides: how many examples there were and what was spent on them, at its evaluations and at its end.
    /// Null where all is.
    /// </summary>
    private string? ProblemOf(CheckpointHeader header)
    {
        if (header.Step > lastStep)
            return FormattableString.Invariant($"it is at step {header.Step} of {lastStep}");
        if (MetricValues.Problem(header.Evaluations, evaluator.Metrics) is { } impossible)
            return impossible.TrimEnd('.');
        var (ledger, examplesSeen, evaluations) = (ComputeLedger.Empty, 0L, 0);
        for (var taken = 1L; taken <= header.Step; taken++)
        {
            var batch = order.BatchSizeAt(taken - 1);
            ledger = ledger.WithStep(costs[batch]);
            examplesSeen += batch;
            if (!IsEvaluationPoint(examplesSeen - batch, examplesSeen, taken))
                continue;
            ledger = ledger.WithEvaluation(evaluationCost);
            if (evaluations >= header.Evaluations.Count || header.Evaluations[evaluations] is not { } evaluation
                || (evaluation.Step, evaluation.Epoch, evaluation.Examples, evaluation.Ledger) != (taken, EpochAt(taken), examplesSeen, ledger))
                return FormattableString.Invariant($"its evaluation after {taken} steps is missing, or has another epoch, other examples or other multiply-adds than those make");
            evaluations++;
        }

        return (header.Examples, header.Ledger, header.Evaluations.Count) == (examplesSeen, ledger, evaluations)
            ? null
            : FormattableString.Invariant($"it has other examples, multiply-adds or evaluations than {header.Step} steps make");
    }

    /// <summary>Batch, step, ledger.</summary>
    private void TrainStep(IEnumerator<Batch> batches, bool looks)
    {
        using var scope = NewDisposeScope();
        using var batch = Next(batches);
        var random = Seeds.Generator(plan.Trial.Seed, "augmentation", state.Step);
        using var loss = step.Run(batch.Pixels, batch.Labels, random, plan.Recipe.LearningRateAt(plan.Start, (double)state.Step / lastStep));
        state.Ledger = state.Ledger.WithStep(costs[batch.Examples]);
        state.Examples += batch.Examples;
        state.Step++;
        state.Energy.Sample();
        if (!looks)
            return;
        state.LatestLoss = loss.ToDouble();
        if (!double.IsFinite(state.LatestLoss))
            state.Divergence = FormattableString.Invariant($"the training loss at step {state.Step}");
    }

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

    private Batch Next(IEnumerator<Batch> batches)
    {
        state.DataWait.Start();
        batches.MoveNext();
        state.DataWait.Stop();
        return batches.Current;
    }

    /// <summary>At the first step at or past every so many examples, and at the end of the schedule.</summary>
    private bool IsEvaluationPoint(long examplesBefore, long examples, long step) =>
        examples / plan.Study.EvaluateEveryExamples > examplesBefore / plan.Study.EvaluateEveryExamples || step == lastStep;

    private void EvaluateHere()
    {
        StopClock();
        TrialPhases.Enter(TrialPhase.Evaluation);
        state.EvaluationClock.Start();
        state.Average?.Swap();
        var (loss, metrics) = Evaluated();
        state.Average?.Swap();
        state.EvaluationClock.Stop();
        state.Ledger = state.Ledger.WithEvaluation(evaluationCost);
        if (double.IsFinite(loss))
            state.Evaluations.Add(Evaluation(loss, metrics));
        else
            state.Divergence = FormattableString.Invariant($"the validation loss at step {state.Step}");
        if (WeightsFingerprint.FirstNotFinite(state.Network) is { } name)
            state.Divergence ??= FormattableString.Invariant($"'{name}' at step {state.Step}");
        TrialPhases.Enter(TrialPhase.Training);
        StartClock();
    }

    private (double Loss, IReadOnlyDictionary<string, double> Metrics) Evaluated()
    {
        try
        {
            return evaluator.Evaluate(state.Network);
        }
        catch (Exception error) when (MemoryLimit.IsExhausted(error))
        {
            throw MemoryLimit.OfEvaluation(plan, state.Step, error);
        }
    }

    private Evaluation Evaluation(double loss, IReadOnlyDictionary<string, double> metrics) => new()
    {
        Step = state.Step,
        Epoch = Epoch,
        Examples = state.Examples,
        Ledger = state.Ledger,
        Seconds = state.TrainingClock.Seconds,
        Joules = state.Energy.Joules,
        Loss = loss,
        Metrics = metrics,
    };

    private double Epoch => EpochAt(state.Step);

    private double EpochAt(long step) => (double)step / order.StepsPerEpoch;

    private Crossing? FindCrossing() => plan.Threshold is { } threshold ? Crossing.Find(Curve(), threshold, plan.Study.Target.Metric) : null;

    private List<double> Curve() => state.Evaluations.ConvertAll(evaluation => evaluation.ValueOf(plan.Study.Target.Metric.Name));

    private TrainingProgress Progress(bool isEvaluation)
    {
        var training = state.TrainingClock.Seconds;
        recent.Add(training, state.Examples, (double)Flops.Training(state.Ledger, Convention.Exact).Count);
        var seconds = training + state.EvaluationClock.Seconds;
        return new TrainingProgress(
            Epoch,
            plan.Recipe.Epochs,
            state.Examples,
            recent.ExamplesPerSecond,
            new FlopRate(recent.FlopsPerSecond),
            plan.PeakRate,
            training > 0 ? state.DataWait.Seconds / training : 0,
            state.LatestLoss,
            state.Evaluations.Count > 0 ? state.Evaluations[^1].ValueOf(plan.Study.Target.Metric.Name) : null,
            plan.Threshold,
            state.Ledger.Training,
            seconds,
            seconds * (lastStep - state.Step) / state.Step,
            state.Evaluations.Count,
            isEvaluation);
    }

    private TrainingResult Finish(Outcome outcome, Crossing? crossing)
    {
        StopClock();
        return new TrainingResult(
            outcome,
            state.Divergence,
            crossing,
            state.Evaluations,
            state.Ledger,
            costs[order.BatchSize],
            state.Network.parameters().Sum(parameter => parameter.numel()),
            state.Step,
            state.Examples,
            state.TrainingClock.Seconds,
            state.EvaluationClock.Seconds,
            WeightsFingerprint.Of(state.Network),
            state.DataWait.Seconds,
            examples.DataPath,
            [.. NativePaths().Select(path => path.Name), .. plan.Device.type == DeviceType.CUDA ? [] : ConvolutionKernels.NativePaths()],
            state.Energy.Joules,
            state.Energy.Covers);
    }

    private IEnumerable<NativePath> NativePaths()
    {
        if (NativePath.DispatcherBindings.IsAvailable)
            yield return NativePath.DispatcherBindings;
        if (state.Optimizer.NativePath is { } optimizer)
            yield return optimizer;
        if (examples.NativePath is { } data)
            yield return data;
        if (state.Average is not null && NativePath.ForeachAverage.IsAvailable)
            yield return NativePath.ForeachAverage;
        if (plan.Recipe.GradientClip is not null && NativePath.ForeachClip.IsAvailable)
            yield return NativePath.ForeachClip;
        if (plan.Recipe.Precision == Precision.Bf16)
            yield return NativePath.AutocastBf16;
        if (plan.Device.type != DeviceType.CUDA)
            yield break;
        if (NativePath.CudnnSettings.IsAvailable)
            yield return NativePath.CudnnSettings;
        if (plan.Architecture.HasBatchNormalisation && NativePath.CudnnBatchNormalisation.IsAvailable)
            yield return NativePath.CudnnBatchNormalisation;
    }

    private NetworkCost Price(Module<Tensor, Tensor> network, int batch)
    {
        using var examples = zeros(batch, 3, plan.Study.ImageSize, plan.Study.ImageSize, device: plan.Device);
        return NetworkPricer.Price(network, examples);
    }

    /// <summary>Makes the libraries choose and load their kernels on throw-away data, then puts everything back.</summary>
    private void WarmUp()
    {
        var saved = state.Network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone().DetachFromDisposeScope());
        for (var step = 0; step < WarmUpSteps; step++)
            ThrowAwayStep();
        using (no_grad())
        {
            foreach (var (name, value) in state.Network.state_dict())
                value.copy_(saved[name]);
        }

        foreach (var value in saved.Values)
            value.Dispose();
        state.Optimizer.Reset();
        state.Average?.Reset();
        var seed = unchecked((long)Seeds.For(plan.Trial.Seed, "dropout"));
        random.manual_seed(seed);
        // TorchSharp's manual_seed is the CPU's alone.
        if (plan.Device.type == DeviceType.CUDA)
            cuda.manual_seed_all(seed);
    }

    private void ThrowAwayStep()
    {
        using var scope = NewDisposeScope();
        var examples = randn(order.BatchSize, 3, plan.Study.ImageSize, plan.Study.ImageSize, device: plan.Device);
        var labels = zeros(order.BatchSize, dtype: ScalarType.Int64, device: plan.Device);
        using var loss = step.Update(examples, labels, learningRate: 0);
        ComputeDevice.Synchronize(plan.Device);
    }
}
