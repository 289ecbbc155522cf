using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Compute;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Execution;

/// <summary>What a study would cost at most, trial by trial: every schedule run to its end. Nothing of it is written.</summary>
/// <param name="SecondsAtMost">Of the trials that are not done, one after the other.</param>
/// <param name="PackBytes">What the packed dataset takes.</param>
/// <param name="PackIsReady">It lies in the cache already.</param>
/// <param name="FreeBytes">On the disk of the cache; null where it cannot be told.</param>
internal sealed record StudyPlan(
    string Study,
    IReadOnlyList<PlannedTrial> Trials,
    Macs TrainingMacsAtMost,
    double SecondsAtMost,
    long PackBytes,
    bool PackIsReady,
    long? FreeBytes)
{
    /// <param name="progress">Takes a line for people before each entry's steps are measured.</param>
    public static StudyPlan Of(Study study, ResultStore store, StudyRequest request, TextWriter progress)
    {
        var device = ComputeDevice.Parse(request.Device);
        foreach (var entry in study.AllEntries)
            ComputeDevice.Require(study, entry.Recipe, device);
        var extent = DatasetPreparation.Measure(study.Dataset, study.Subset, study.PackSize, request.DataPath, DatasetPreparation.DefaultCacheFolder);
        foreach (string remark in extent.Remarks)
            progress.WriteLine($"{study.Dataset.Name}: {remark}");
        var measured = new MeasuredStudy(study, store);
        var costs = new Dictionary<string, EntryCost>();
        foreach (var entry in study.AllEntries)
        {
            progress.WriteLine(FormattableString.Invariant($"measuring a step of {entry.Name} ({costs.Count + 1} of {study.AllEntries.Count()})"));
            costs[entry.Name] = EntryCost.Of(study, entry, extent, StepMeasurement.Of(study, entry, extent.Classes, device));
        }

        var trials = study.Trials.Select(trial => costs[trial.Entry.Name].Planned(trial, measured.Finished(trial))).ToList();
        var pending = trials.Where(trial => !trial.IsDone).ToList();
        return new StudyPlan(
            study.Name,
            trials,
            Macs.Sum(pending.Select(trial => trial.TrainingMacsAtMost)),
            pending.Sum(trial => trial.SecondsAtMost),
            extent.PackBytes,
            extent.PackIsReady,
            Disk.FreeBytes(DatasetPreparation.DefaultCacheFolder));
    }
}

/// <summary>One trial as it would run.</summary>
/// <param name="ExamplesAtMost">Of the whole schedule.</param>
/// <param name="SecondsPerStep">Measured now, on this machine, on random pixels.</param>
/// <param name="SecondsAtMost">Training and evaluation of the whole schedule.</param>
internal sealed record PlannedTrial(
    string Id, bool IsDone, int Epochs, long ExamplesAtMost, Macs TrainingMacsAtMost, Macs EvaluationMacsAtMost, double SecondsPerStep, double SecondsAtMost);

/// <summary>What every seed of an entry costs at most.</summary>
internal sealed record EntryCost(int Epochs, long Examples, Macs Training, Macs Evaluation, double SecondsPerStep, double Seconds)
{
    public static EntryCost Of(Study study, Entry entry, DatasetExtent extent, StepMeasurement time)
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
        var seconds = (order.StepsPerEpoch * recipe.Epochs * time.SecondsPerStep) + (evaluations * extent.ValidationCount * time.SecondsPerEvaluatedExample);
        return new EntryCost(recipe.Epochs, examples, training, evaluation, time.SecondsPerStep, seconds);
    }

    public PlannedTrial Planned(Trial trial, TrialResult? done) =>
        new(trial.Id, done is not null, Epochs, Examples, Training, Evaluation, SecondsPerStep, Seconds);
}
