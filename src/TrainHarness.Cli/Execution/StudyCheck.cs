using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Execution;

/// <summary>What can be refused of a study on any machine, with nothing written.</summary>
internal static class StudyCheck
{
    /// <exception cref="ConfigurationException">What lies there does not fit the study, or the study cannot be run.</exception>
    public static void RequireRunnable(IWorkload workload, Study study, ResultStore store, StudyRequest request)
    {
        var measured = new MeasuredStudy(study, store);
        measured.RequireProtocol();
        study.RequireMeaning(workload.Data(study, request.DataPath, DatasetPreparation.DefaultCacheFolder).Check());
        foreach (var trial in study.Trials)
        {
            if (store.HasCheckpoint(trial.Id) && measured.Finished(trial) is null)
                TrialCheckpoints.RequireRules(store, trial.Id, TrialFingerprint.Of(study, trial.Entry));
        }

        if (measured.Threshold() is { } threshold)
            measured.RequireTarget(threshold);
        RequireWritable(store);
        workload.CheckOwn(study);
    }

    /// <summary>Better said now than after the first trial.</summary>
    private static void RequireWritable(ResultStore store)
    {
        try
        {
            Disk.TryWrite(store.Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                $"--results: {store.Folder} cannot be written ({error.Message}); allowed: a folder that this user may write to.",
                error
            );
        }
    }
}
