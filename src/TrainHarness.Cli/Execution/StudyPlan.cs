using System.Diagnostics;
using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Execution;

/// <summary>What a study would cost at most, trial by trial: every schedule run to its end. Nothing of it is written.</summary>
/// <param name="SecondsAtMost">Of the trials that are not done, one after the other.</param>
/// <param name="PackBytes">What the packed dataset takes; null where nothing is pending, so that nobody looked.</param>
/// <param name="PackIsReady">It lies in the cache already; null likewise.</param>
/// <param name="FreeBytes">On the disk of the cache; null where it cannot be told.</param>
/// <param name="IsBusy">
/// Other processes took processors that the measured steps asked for: on an idle machine the times are shorter.
/// </param>
/// <param name="ProcessorsTakenByOthers">
/// While the steps were measured; null where that is not known, and where nothing was measured.
/// </param>
internal sealed record StudyPlan(
    string Study,
    IReadOnlyList<PlannedTrial> Trials,
    Macs? TrainingMacsAtMost,
    double? SecondsAtMost,
    long? PackBytes,
    bool? PackIsReady,
    long? FreeBytes,
    bool IsBusy,
    double? ProcessorsTakenByOthers
)
{
    /// <summary>Measures only what trials that are not done would run; where none is pending, libtorch is not even loaded.</summary>
    /// <param name="progress">Takes a line for people before each measurement.</param>
    /// <param name="measure">Looks once at what a trial takes; <see cref="StepSample.Of"/>.</param>
    public static StudyPlan Of(
        IWorkload workload,
        Study study,
        ResultStore store,
        StudyRequest request,
        TextWriter progress,
        Func<TrainingPlan, Func<TrainingPlan, TrainingTask>, StepSample> measure
    )
    {
        ComputeDevice.RequireName(request.Device);
        var measured = new MeasuredStudy(study, store);
        List<(Trial Trial, TrialResult? Done)> trials = [.. study.Trials.Select(trial => (trial, measured.Finished(trial)))];
        List<Entry> pending = [.. trials.Where(trial => trial.Done is null).Select(trial => trial.Trial.Entry).Distinct()];
        if (pending.Count == 0)
        {
            List<PlannedTrial> all = [.. trials.Select(trial => PlannedTrial.Of(trial.Done!))];
            return new StudyPlan(study.Name, all, Macs.Zero, 0, PackBytes: null, PackIsReady: null, Free(), IsBusy: false, null);
        }

        TorchLibrary.Load();
        var device = ComputeDevice.Parse(request.Device);
        foreach (var entry in pending)
            ComputeDevice.Require(study, entry.Recipe, device);
        var extent = workload.Data(study, request.DataPath, DatasetPreparation.DefaultCacheFolder).Measure();
        foreach (var remark in extent.Remarks)
            progress.WriteLine($"{DataNames.Of(study)}: {remark}");
        study.RequireMeaning(extent.Metrics);
        var times = MeasuredSteps.Of(study, pending, device, progress, entry => measure(Rehearsal(entry), extent.Rehearse));
        var costs = pending.ToDictionary(entry => entry.Name, entry => EntryCost.Of(Rehearsal(entry), extent, times));
        List<PlannedTrial> planned =
        [
            .. trials.Select(trial =>
                trial.Done is { } done ? PlannedTrial.Of(done) : PlannedTrial.Of(trial.Trial, costs[trial.Trial.Entry.Name])
            ),
        ];
        return new StudyPlan(
            study.Name,
            planned,
            planned.Exists(trial => trial is { IsDone: false, TrainingMacsAtMost: null })
                ? null
                : Macs.Sum(planned.Where(trial => !trial.IsDone).Select(trial => trial.TrainingMacsAtMost!.Value)),
            planned.Exists(trial => trial is { IsDone: false, SecondsAtMost: null })
                ? null
                : planned.Where(trial => !trial.IsDone).Sum(trial => trial.SecondsAtMost),
            extent.Bytes,
            extent.IsReady,
            Free(),
            times.IsBusy,
            times.ProcessorsTakenByOthers
        );

        TrainingPlan Rehearsal(Entry entry) =>
            new()
            {
                Study = study,
                Trial = new Trial(entry, study.Seeds[0]),
                Architecture = workload.Architecture(study, entry),
                Threshold = null,
                Device = device,
            };
    }

    private static long? Free() => Disk.FreeBytes(DatasetPreparation.DefaultCacheFolder);
}

/// <summary>One trial as it would run, or as it ran where it is done. What its workload cannot foresee is null.</summary>
/// <param name="ExamplesAtMost">Of the whole schedule; of a trial that is done, what its record says, as in all that follows.</param>
/// <param name="SecondsPerStep">Measured now, on this machine, on throw-away data; null for a trial that is done and made no step.</param>
/// <param name="SecondsAtMost">Training and evaluation of the whole schedule.</param>
internal sealed record PlannedTrial(
    string Id,
    bool IsDone,
    int Epochs,
    long? ExamplesAtMost,
    Macs? TrainingMacsAtMost,
    Macs? EvaluationMacsAtMost,
    double? SecondsPerStep,
    double? SecondsAtMost
)
{
    public static PlannedTrial Of(Trial trial, EntryCost cost) =>
        new(trial.Id, false, cost.Epochs, cost.Examples, cost.Training, cost.Evaluation, cost.SecondsPerStep, cost.Seconds);

    public static PlannedTrial Of(TrialResult done)
    {
        var record = done.Record;
        var clocks = record.Clocks;
        return new PlannedTrial(
            record.Id,
            true,
            record.Recipe.Epochs,
            record.Examples,
            record.Ledger.Training,
            record.Ledger.Evaluation,
            record.Steps > 0 ? clocks.TrainingSeconds / record.Steps : null,
            clocks.TrainingSeconds + clocks.EvaluationSeconds
        );
    }
}

/// <summary>
/// Seconds of a step and of an evaluation of each network and recipe, measured in turns; those of an evaluation null where it cannot be
/// rehearsed.
/// </summary>
internal sealed record MeasuredSteps(
    IReadOnlyDictionary<string, (double Step, double? Evaluation)> Seconds,
    bool IsBusy,
    double? ProcessorsTakenByOthers
)
{
    public (double Step, double? Evaluation) SecondsOf(Entry entry) => Seconds[NetworkOf(entry)];

    public static MeasuredSteps Of(
        Study study,
        IReadOnlyList<Entry> entries,
        torch.Device device,
        TextWriter progress,
        Func<Entry, StepSample> measure
    )
    {
        List<Entry> networks = [.. entries.DistinctBy(NetworkOf)];
        var (before, clock, count) = (ProcessorUse.Now(), Stopwatch.StartNew(), 0);
        var rounds = InTurns.Measure(networks, entry =>
        {
            progress.WriteLine(
                FormattableString.Invariant($"measuring a step of {entry.Name} ({++count} of {networks.Count * InTurns.Rounds})")
            );
            return measure(entry);
        });
        var others = ProcessorUse.TakenByOthers(before, ProcessorUse.Now(), clock.Elapsed.TotalSeconds);
        var isOnProcessors = device.type == DeviceType.CPU;
        var isBusy = ProcessorUse.IsBusy(others, isOnProcessors ? study.Threads : 1, Environment.ProcessorCount);
        var steps = Seconds(sample => sample.Step);
        var evaluations = rounds.All(round => round.All(sample => sample.Evaluation is not null))
            ? Seconds(sample => sample.Evaluation!)
            : null;
        return new MeasuredSteps(
            networks
                .Index()
                .ToDictionary(
                    pair => NetworkOf(pair.Item),
                    pair => (steps[pair.Index], evaluations?[pair.Index] / rounds[0][pair.Index].EvaluatedPart)
                ),
            isBusy,
            others
        );

        IReadOnlyList<double> Seconds(Func<StepSample, TimedWork> part) =>
            InTurns.Seconds([.. rounds.Select(round => (IReadOnlyList<TimedWork>)[.. round.Select(part)])], isBusy && isOnProcessors);
    }

    // No step takes longer for another learning rate, nor for more data.
    private static string NetworkOf(Entry entry) =>
        $"{entry.Architecture}.{entry.Recipe.Name}.{(entry.Variant ?? new EntryVariant()) with { LearningRate = null, Data = null }}";
}

/// <summary>What every seed of an entry costs at most.</summary>
internal sealed record EntryCost(int Epochs, long? Examples, Macs? Training, Macs? Evaluation, double SecondsPerStep, double? Seconds)
{
    public static EntryCost Of(TrainingPlan plan, DataExtent extent, MeasuredSteps times)
    {
        using var task = extent.Rehearse(plan);
        var (step, evaluation) = times.SecondsOf(plan.Trial.Entry);
        var steps = task.Batches.Steps;
        if (
            Foresight.Of(task, StepPrices.Of(task, plan.Recipe.Optimizer), new EvaluationPoints(plan.Study.EvaluateEveryExamples, steps))
            is not { } foresight
        )
            return new EntryCost(plan.Recipe.Epochs, null, null, null, step, null);
        var (end, evaluations) = (default(ForeseenStep), 0L);
        foreach (var foreseen in foresight.StepsTo(steps))
        {
            end = foreseen;
            evaluations += foreseen.IsEvaluated ? 1 : 0;
        }

        return new EntryCost(
            plan.Recipe.Epochs,
            end.Examples,
            end.Ledger.Training,
            foresight.KnowsEvaluations ? end.Ledger.Evaluation : null,
            step,
            (steps * step) + (evaluations * evaluation)
        );
    }
}
