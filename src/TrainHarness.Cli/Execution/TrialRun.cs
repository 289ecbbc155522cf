using Serilog;
using Serilog.Core;
using Serilog.Formatting.Compact;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Execution;

/// <summary>One trial, in this process, from the study file to record.json.</summary>
internal static class TrialRun
{
    /// <exception cref="ConfigurationException">The target is not set yet, or the request does not fit this machine.</exception>
    public static void Run(Study study, Trial trial, ResultStore store, StudyRequest request, CancellationToken cancellation)
    {
        var started = DateTimeOffset.UtcNow;
        var setsTarget = study.Target.FromBaseline && trial.Entry == study.Baseline;
        var threshold = study.Target.Threshold ?? store.FrozenThreshold();
        if (threshold is null && !setsTarget)
            throw new ConfigurationException($"--trial: '{trial.Id}' cannot start before the baseline {study.Baseline.Name} has set the target; run that first.");
        if (store.Read(trial.Id) is not null)
        {
            ProgressLines.Note(trial.Id, "already done");
            return;
        }

        TorchLibrary.Load();
        var plan = new TrainingPlan
        {
            Study = study,
            Trial = trial,
            Architecture = ArchitectureCatalog.ByName(trial.Entry.Architecture),
            // The trials that set a target run their whole schedule, also when one is added after it was frozen.
            Threshold = setsTarget ? null : threshold,
            Device = ComputeDevice.Parse(request.Device),
        };
        using var pack = DatasetPreparation.OpenOrCreate(
            study.Dataset, study.Subset, study.PackSize, request.DataPath, DatasetPreparation.DefaultCacheFolder, verify: false, progress: null, cancellation);
        using var log = OpenLog(store.LogFile(trial.Id));
        log.Information("Trial {Trial} starts on {Device} with configuration {Configuration}", trial.Id, plan.Device.ToString(), TrialFingerprint.Of(study, trial.Entry));
        try
        {
            var result = TrainingLoop.Run(plan, pack, new ProgressLines(trial.Id, study.Target.Metric, log), cancellation);
            var record = TrialRecords.Of(plan, pack.Header, pack.Fingerprint, result, started);
            store.Write(record, result.Evaluations, Evaluator.Metrics);
            log.Information("Trial {Trial} ends: {Outcome} after {Examples} examples and {TrainingMacs} training multiply-adds", trial.Id, result.Outcome, result.Examples, result.Ledger.Training.ToString());
        }
        catch (OperationCanceledException)
        {
            log.Warning("Trial {Trial} was stopped on request", trial.Id);
            throw;
        }
        catch (Exception error)
        {
            log.Error(error, "Trial {Trial} failed", trial.Id);
            throw;
        }
    }

    private static Logger OpenLog(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return new LoggerConfiguration().WriteTo.File(new CompactJsonFormatter(), file, buffered: false).CreateLogger();
    }
}
