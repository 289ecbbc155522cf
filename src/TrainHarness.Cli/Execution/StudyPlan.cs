using System.Diagnostics;
using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Compute;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Execution;

/// <summary>What a study would cost at most, trial by trial: every schedule run to its end. Nothing of it is written.</summary>
/// <param name="SecondsAtMost">Of the trials that are not done, one after the other.</param>
/// <param name="PackBytes">What the packed dataset takes; null where nothing is pending, so that nobody looked.</param>
/// <param name="PackIsReady">It lies in the cache already; null likewise.</param>
/// <param name="FreeBytes">On the disk of the cache; null where it cannot be told.</param>
/// <param name="IsBusy">Other processes took processors that the measured steps asked for: on an idle machine the times are shorter.</param>
/// <param name="ProcessorsTakenByOthers">While the steps were measured; null where that is not known, and where nothing was measured.</param>
internal sealed record StudyPlan(
    string Study,
    IReadOnlyList<PlannedTrial> Trials,
    Macs TrainingMacsAtMost,
    double SecondsAtMost,
    long? PackBytes,
    bool? PackIsReady,
    long? FreeBytes,
    bool IsBusy,
    double? ProcessorsTakenByOthers)
{
    /// <summary>Measures only what trials that are not done would run; where none is pending, libtorch is not even loaded.</summary>
    /// <param name="progress">Takes a line for people before each measurement.</param>
    /// <param name="measure">Looks once at what an entry takes, with so many classes; <see cref="StepSample.Of"/>.</param>
    public static StudyPlan Of(
        Study study, ResultStore store, StudyRequest request, TextWriter progress, Func<Study, Entry, int, torch.Device, StepSample> measure)
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
        var extent = DatasetPreparation.Measure(study.Dataset, study.Subset, study.PackSize, request.DataPath, DatasetPreparation.DefaultCacheFolder);
        foreach (var remark in extent.Remarks)
            progress.WriteLine($"{study.Dataset.Name}: {remark}");
        study.RequireMeaning(ClassificationMetrics.Of(extent.Classes));
        var times = MeasuredSteps.Of(study, pending, device, progress, entry => measure(study, entry, extent.Classes, device));
        var costs = pending.ToDictionary(entry => entry.Name, entry => EntryCost.Of(study, entry, extent, times));
        List<PlannedTrial> planned = [.. trials.Select(trial =>
            trial.Done is { } done ? PlannedTrial.Of(done) : PlannedTrial.Of(trial.Trial, costs[trial.Trial.Entry.Name]))];
        return new StudyPlan(
            study.Name,
            planned,
            Macs.Sum(planned.Where(trial => !trial.IsDone).Select(trial => trial.TrainingMacsAtMost)),
            planned.Where(trial => !trial.IsDone).Sum(trial => trial.SecondsAtMost),
            extent.PackBytes,
            extent.PackIsReady,
            Free(),
            times.IsBusy,
            times.ProcessorsTakenByOthers);
    }

    private static long? Free() => Disk.FreeBytes(DatasetPreparation.DefaultCacheFolder);
}

/// <summary>One trial as it would run, or as it ran where it is done.</summary>
/// <param name="ExamplesAtMost">Of the whole schedule; of a trial that is done, what its record says, as in all that follows.</param>
/// <param name="SecondsPerStep">Measured now, on this machine, on random pixels; null for a trial that is done and made no step.</param>
/// <param name="SecondsAtMost">Training and evaluation of the whole schedule.</param>
internal sealed record PlannedTrial(
    string Id,
    bool IsDone,
    int Epochs,
    long ExamplesAtMost,
    Macs TrainingMacsAtMost,
    Macs EvaluationMacsAtMost,
    double? SecondsPerStep,
    double SecondsAtMost)
{
    public static PlannedTrial Of(Trial trial, EntryCost cost) =>
        new(trial.Id, false, cost.Epochs, cost.Examples, cost.Training, cost.Evaluation, cost.SecondsPerStep, cost.Seconds);

    public static PlannedTrial Of(TrialResult done)
    {
        var record = done.Record;
        var clocks = record.Clocks;
        return new PlannedTrial(
            record.Id, true, record.Recipe.Epochs, record.Examples, record.Ledger.Training, record.Ledger.Evaluation,
            record.Steps > 0 ? clocks.TrainingSeconds / record.Steps : null, clocks.TrainingSeconds + clocks.EvaluationSeconds);
    }
}

/// <summary>Seconds of a step and of an evaluated example of each network and recipe, measured in turns.</summary>
internal sealed record MeasuredSteps(
    IReadOnlyDictionary<string, (double Step, double EvaluatedExample)> Seconds, bool IsBusy, double? ProcessorsTakenByOthers)
{
    public static MeasuredSteps Of(Study study, IReadOnlyList<Entry> entries, torch.Device device, TextWriter progress, Func<Entry, StepSample> measure)
    {
        // A variant changes the learning rate, which no step takes longer for.
        List<Entry> networks = [.. entries.DistinctBy(LearningRateScan.NameWithoutVariant)];
        var (before, clock, count) = (ProcessorUse.Now(), Stopwatch.StartNew(), 0);
        var rounds = InTurns.Measure(networks, entry =>
        {
            progress.WriteLine(FormattableString.Invariant($"measuring a step of {entry.Name} ({++count} of {networks.Count * InTurns.Rounds})"));
            return measure(entry);
        });
        var others = ProcessorUse.TakenByOthers(before, ProcessorUse.Now(), clock.Elapsed.TotalSeconds);
        var isOnProcessors = device.type == DeviceType.CPU;
        var isBusy = ProcessorUse.IsBusy(others, isOnProcessors ? study.Threads : 1, Environment.ProcessorCount);
        var (steps, evaluations) = (Seconds(sample => sample.Step), Seconds(sample => sample.Evaluation));
        return new MeasuredSteps(
            networks.Index().ToDictionary(
                pair => LearningRateScan.NameWithoutVariant(pair.Item),
                pair => (steps[pair.Index], evaluations[pair.Index] / StepSample.EvaluatedExamples)),
            isBusy,
            others);

        IReadOnlyList<double> Seconds(Func<StepSample, TimedWork> part) =>
            InTurns.Seconds([.. rounds.Select(round => (IReadOnlyList<TimedWork>)[.. round.Select(part)])], isBusy && isOnProcessors);
    }
}

/// <summary>What every seed of an entry costs at most.</summary>
internal sealed record EntryCost(int Epochs, long Examples, Macs Training, Macs Evaluation, double SecondsPerStep, double Seconds)
{
    public static EntryCost Of(Study study, Entry entry, DatasetExtent extent, MeasuredSteps times)
    {
        var recipe = entry.Recipe;
        var architecture = ArchitectureCatalog.ByName(entry.Architecture);
        var options = TrainedNetwork.Options(recipe, extent.Classes, study.ImageSize);
        var order = new EpochOrder(study.Seeds[0], extent.TrainCount, recipe.BatchSize);
        var training = Macs.Sum(order.BatchSizes.Select(batch =>
            NetworkPricer.Price(architecture, options, batch).Training * (batch == order.BatchSize ? order.ExamplesPerEpoch / batch : 1))) * recipe.Epochs;
        var examples = (long)order.ExamplesPerEpoch * recipe.Epochs;
        // One at the end, besides those on the way.
        var evaluations = (examples / study.EvaluateEveryExamples) + (examples % study.EvaluateEveryExamples > 0 ? 1 : 0);
        var evaluation = NetworkPricer.Price(architecture, options with { AuxiliaryHeads = false }, batch: 1).Forward * extent.ValidationCount * evaluations;
        var (step, evaluated) = times.Seconds[LearningRateScan.NameWithoutVariant(entry)];
        var seconds = (order.StepsPerEpoch * recipe.Epochs * step) + (evaluations * extent.ValidationCount * evaluated);
        return new EntryCost(recipe.Epochs, examples, training, evaluation, step, seconds);
    }
}
