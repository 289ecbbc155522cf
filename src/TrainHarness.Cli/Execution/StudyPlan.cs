using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;
using static TorchSharp.torch;

namespace TrainHarness.Cli.Execution;

/// <summary>What a study would cost at most, trial by trial: every schedule run to its end. Nothing of it is written.</summary>
/// <param name="SecondsAtMost">Of the trials that are not done, one after the other.</param>
/// <param name="PackBytes">What the packed dataset takes.</param>
/// <param name="PackIsReady">It lies in the cache already.</param>
/// <param name="FreeBytes">On the disk of the cache; null where it cannot be told.</param>
internal sealed record StudyPlan(
    string Study,
    IReadOnlyList<PlannedTrial> Trials,
    Macs? TrainingMacsAtMost,
    double? SecondsAtMost,
    long PackBytes,
    bool PackIsReady,
    long? FreeBytes)
{
    /// <param name="progress">Takes a line for people before each entry's steps are measured.</param>
    public static StudyPlan Of(IWorkload workload, Study study, ResultStore store, StudyRequest request, TextWriter progress)
    {
        var device = ComputeDevice.Parse(request.Device);
        foreach (var entry in study.AllEntries)
            ComputeDevice.Require(study, entry.Recipe, device);
        var extent = workload.Data(study, request.DataPath, DatasetPreparation.DefaultCacheFolder).Measure();
        foreach (var remark in extent.Remarks)
            progress.WriteLine($"{DataNames.Of(study)}: {remark}");
        var measured = new MeasuredStudy(study, store);
        var costs = new Dictionary<string, EntryCost>();
        foreach (var entry in study.AllEntries)
        {
            progress.WriteLine(FormattableString.Invariant($"measuring a step of {entry.Name} ({costs.Count + 1} of {study.AllEntries.Count()})"));
            costs[entry.Name] = EntryCost.Of(Rehearsal(workload, study, entry, device), extent);
        }

        var trials = study.Trials.Select(trial => costs[trial.Entry.Name].Planned(trial, measured.Finished(trial))).ToList();
        var pending = trials.Where(trial => !trial.IsDone).ToList();
        return new StudyPlan(
            study.Name,
            trials,
            pending.Exists(trial => trial.TrainingMacsAtMost is null) ? null : Macs.Sum(pending.Select(trial => trial.TrainingMacsAtMost!.Value)),
            pending.Exists(trial => trial.SecondsAtMost is null) ? null : pending.Sum(trial => trial.SecondsAtMost),
            extent.Bytes,
            extent.IsReady,
            Disk.FreeBytes(DatasetPreparation.DefaultCacheFolder));
    }

    private static TrainingPlan Rehearsal(IWorkload workload, Study study, Entry entry, Device device) => new()
    {
        Study = study,
        Trial = new Trial(entry, study.Seeds[0]),
        Architecture = workload.Architecture(entry.Architecture),
        Threshold = null,
        Device = device,
    };
}

/// <summary>One trial as it would run. What its workload cannot foresee is null.</summary>
/// <param name="ExamplesAtMost">Of the whole schedule.</param>
/// <param name="SecondsPerStep">Measured now, on this machine, on throw-away data.</param>
/// <param name="SecondsAtMost">Training and evaluation of the whole schedule.</param>
internal sealed record PlannedTrial(
    string Id, bool IsDone, int Epochs, long? ExamplesAtMost, Macs? TrainingMacsAtMost, Macs? EvaluationMacsAtMost, double SecondsPerStep, double? SecondsAtMost);

/// <summary>What every seed of an entry costs at most.</summary>
internal sealed record EntryCost(int Epochs, long? Examples, Macs? Training, Macs? Evaluation, double SecondsPerStep, double? Seconds)
{
    public static EntryCost Of(TrainingPlan plan, DataExtent extent)
    {
        using var task = extent.Rehearse(plan);
        var time = StepMeasurement.Of(plan, task);
        var steps = task.Batches.Steps;
        if (Foresight.Of(task, StepPrices.Of(task), new EvaluationPoints(plan.Study.EvaluateEveryExamples, steps)) is not { } foresight)
            return new EntryCost(plan.Recipe.Epochs, null, null, null, time.SecondsPerStep, null);
        var (end, evaluations) = (default(ForeseenStep), 0L);
        foreach (var step in foresight.StepsTo(steps))
        {
            end = step;
            evaluations += step.IsEvaluated ? 1 : 0;
        }

        return new EntryCost(
            plan.Recipe.Epochs,
            end.Examples,
            end.Ledger.Training,
            foresight.KnowsEvaluations ? end.Ledger.Evaluation : null,
            time.SecondsPerStep,
            (steps * time.SecondsPerStep) + (evaluations * time.SecondsPerEvaluation));
    }

    public PlannedTrial Planned(Trial trial, TrialResult? done) =>
        new(trial.Id, done is not null, Epochs, Examples, Training, Evaluation, SecondsPerStep, Seconds);
}
