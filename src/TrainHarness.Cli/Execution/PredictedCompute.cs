using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>What the whole schedule of an entry multiplies and adds, about: enough to say which of several trials is the longest.</summary>
internal static class PredictedCompute
{
    // Two examples cost twice what one does, and normalisation over a batch needs more than one.
    private const int Few = 2;

    /// <summary>
    /// Trials of the entries that compute most come first; those of one entry stay in their order, and so do those that nobody can
    /// foresee, at the end.
    /// </summary>
    public static IReadOnlyList<Trial> LongestFirst(IReadOnlyList<Trial> trials, Func<Entry, double?> predicted)
    {
        var costs = trials.Select(trial => trial.Entry).DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, predicted);
        return [.. trials.OrderByDescending(trial => costs[trial.Entry.Name] ?? 0)];
    }

    /// <returns>Null where the workload cannot say it before it runs.</returns>
    public static double? Of(IWorkload workload, Study study, Entry entry, DataExtent extent)
    {
        var small = entry with { Recipe = entry.Recipe with { BatchSize = Math.Min(Few, entry.Recipe.BatchSize) } };
        var plan = new TrainingPlan
        {
            Study = study,
            Trial = new Trial(small, study.Seeds[0]),
            Architecture = workload.Architecture(study, small),
            Threshold = null,
            Device = TorchSharp.torch.CPU,
        };
        ComputeDevice.Set(study, entry.Recipe.Precision);
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var task = extent.Rehearse(plan);
        if (task.Batches is not IForeseeable)
            return null;
        var price = StepPrices.Of(task, entry.Recipe.Optimizer).OfFullBatch;
        return (double)price.Training.Count * task.Batches.Steps;
    }
}
