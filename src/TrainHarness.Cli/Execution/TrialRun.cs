using Serilog;
using Serilog.Core;
using Serilog.Formatting.Compact;
using TrainHarness.Compute;
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
    /// <param name="output">For the lines that people, or a study run, watch.</param>
    /// <returns>The record, also of a trial that was done before.</returns>
    /// <exception cref="ConfigurationException">The target is not set yet, or the request does not fit this machine or what is measured already.</exception>
    public static TrialRecord Run(Study study, Trial trial, ResultStore store, StudyRequest request, TextWriter output, CancellationToken cancellation)
    {
        var started = DateTimeOffset.UtcNow;
        var measured = new MeasuredStudy(study, store);
        var withoutTarget = study.RunsWithoutTarget(trial.Entry);
        var threshold = measured.Threshold();
        if (threshold is null && !withoutTarget)
            throw new ConfigurationException($"--trial: '{trial.Id}' cannot start before every seed of the baseline {study.Baseline.Name} has run and so set the target; run those first.");
        if (measured.Finished(trial) is { } done)
            return done.Record;

        TorchLibrary.Load();
        var device = ComputeDevice.Parse(request.Device);
        var plan = new TrainingPlan
        {
            Study = study,
            Trial = trial,
            Architecture = ArchitectureCatalog.ByName(trial.Entry.Architecture),
            // The trials that set a target run their whole schedule, also when one is added after it was frozen.
            Threshold = withoutTarget ? null : threshold,
            Device = device,
            PeakRate = Hardware.Describe(device).Name is { } name ? DevicePeaks.Find(name, trial.Entry.Recipe.Precision) : null,
        };
        ComputeDevice.Require(study, plan.Recipe, plan.Device);
        using var pack = DatasetPreparation.OpenOrCreate(
            study.Dataset, study.Subset, study.PackSize, request.DataPath, DatasetPreparation.DefaultCacheFolder, verify: false, progress: null, cancellation);
        measured.RequireData(pack.Fingerprint);
        using var held = TrialLock.Take(store.TrialFolder(trial.Id));
        using var log = OpenLog(store.LogFile(trial.Id));
        log.Information("Trial {Trial} starts on {Device} with configuration {Configuration}", trial.Id, plan.Device.ToString(), TrialFingerprint.Of(study, trial.Entry));
        try
        {
            var result = TrainingLoop.Run(plan, pack, new ProgressLines(trial.Id, study.Target.Metric, log, output), cancellation);
            var record = TrialRecords.Of(plan, pack.Header, pack.Fingerprint, result, started);
            store.Write(record, result.Evaluations, Evaluator.Metrics);
            measured.WriteStudy();
            log.Information("Trial {Trial} ends: {Outcome} after {Examples} examples and {TrainingMacs} training multiply-adds", trial.Id, result.Outcome, result.Examples, result.Ledger.Training.ToString());
            return record;
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

    private static Logger OpenLog(string file) =>
        new LoggerConfiguration().WriteTo.File(new CompactJsonFormatter(), file, buffered: false).CreateLogger();
}
