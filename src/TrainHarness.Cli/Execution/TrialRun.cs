using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Kernels;
using DeviceType = TorchSharp.DeviceType;

namespace TrainHarness.Cli.Execution;

/// <summary>One trial, in this process, from the study file to record.json.</summary>
internal static class TrialRun
{
    /// <param name="cacheFolder">Where the stored datasets lie.</param>
    /// <param name="output">For the lines that people, or a study run, watch.</param>
    /// <returns>The record, also of a trial that was done before.</returns>
    /// <exception cref="ConfigurationException">The target is not set yet, or the request does not fit this machine or what is measured already.</exception>
    public static TrialRecord Run(Study study, Trial trial, ResultStore store, StudyRequest request, string cacheFolder, TextWriter output, CancellationToken cancellation)
    {
        TrialPhases.Enter(TrialPhase.StartUp);
        using var suspensions = new SuspensionWatch();
        var clock = new TrialClock(suspensions);
        var measured = new MeasuredStudy(study, store);
        measured.RequireProtocol();
        var withoutTarget = study.RunsWithoutTarget(trial.Entry);
        var threshold = measured.Threshold();
        if (threshold is null && !withoutTarget)
            throw new ConfigurationException($"--trial: '{trial.Id}' cannot start before every seed of the baseline {study.Baseline.Name} has run and so set the target; run those first.");
        if (Finished() is { } done)
            return done;

        if (TrialProcess.VerifiedPack is null)
            ChooseForCpu(study, trial, request, cacheFolder, cancellation);
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
            Suspensions = suspensions,
            Energy = device.type == DeviceType.CUDA || TrialProcess.IsAlone ? EnergyCounter.Of(device) : null,
            PeakRate = Hardware.Describe(device).Name is { } name ? DevicePeaks.Find(name, trial.Entry.Recipe.Precision) : null,
        };
        ComputeDevice.Require(study, plan.Recipe, plan.Device);
        using var pack = OpenPack(study, request, cacheFolder, output, cancellation);
        measured.RequireData(pack.Fingerprint);
        study.RequireMeaning(ClassificationMetrics.Of(pack.Header.ClassNames.Count));
        using var held = TrialLock.Take(store.TrialFolder(trial.Id));
        // Another process may have finished it while this one was starting.
        if (Finished() is { } meanwhile)
            return meanwhile;
        using var lines = new TrialLog(store.LogFile(trial.Id), line => output.WriteLine($"{trial.Id}: {line}"));
        var log = lines.Lines;
        log.Information("Trial {Trial} starts on {Device} with configuration {Configuration}", trial.Id, plan.Device.ToString(), TrialFingerprint.Of(study, trial.Entry));
        if (device.type == DeviceType.CUDA && !CudaGenerator.IsAvailable)
            Tell("this libtorch does not show the GPU's random generator: after a stop, dropout on it draws other numbers than without one");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, held.Lost);
        try
        {
            var checkpoints = new TrialCheckpoints(
                store, TrialRecords.Origin(plan, pack.Fingerprint), TimeSpan.FromMinutes(study.CheckpointEveryMinutes), clock, Tell, RequireAllAsItWas);
            var result = TrainingLoop.Run(plan, pack, checkpoints, new ProgressLines(trial.Id, study.Target.Metric, log, output), stop.Token);
            if (result.Divergence is { } divergence)
                Tell($"diverged: {divergence} is not finite");
            if (clock.SuspendedSeconds is > 0 and var seconds)
                Tell($"was suspended for {Shown.Duration(seconds)}, which no clock of it counts");
            TrialPhases.Enter(TrialPhase.Record);
            var record = TrialRecords.Of(plan, pack, result, clock);
            measured.RequireData(pack.Fingerprint);
            store.Write(record, result.Evaluations, RequireAllAsItWas);
            store.RemoveCheckpoints(trial.Id);
            measured.WriteStudy();
            log.Information("Trial {Trial} ends: {Outcome} after {Examples} examples and {TrainingMacs} training multiply-adds", trial.Id, result.Outcome, result.Examples, result.Ledger.Training.ToString());
            return record;
        }
        catch (OperationCanceledException) when (!held.Lost.IsCancellationRequested)
        {
            log.Warning("Trial {Trial} was stopped on request", trial.Id);
            throw;
        }
        catch (Exception error)
        {
            log.Error(error, "Trial {Trial} failed", trial.Id);
            // Who has taken the trial over has removed what was not in its place yet.
            if (error is OperationCanceledException or FileNotFoundException)
                held.Require();
            throw;
        }

        TrialRecord? Finished()
        {
            if (measured.Finished(trial) is not { } finished)
                return null;
            // A kill between the record and this leaves them.
            store.RemoveCheckpoints(trial.Id);
            return finished.Record;
        }

        void Tell(string line)
        {
            log.Warning("Trial {Trial}: {Line}", trial.Id, line);
            output.WriteLine($"{trial.Id}: {line}");
        }

        void RequireAllAsItWas()
        {
            held.Require();
            pack.RequireUnchanged();
        }
    }

    /// <summary>A study run has chosen for its trials; a trial by itself chooses here, before libtorch is loaded.</summary>
    private static void ChooseForCpu(Study study, Trial trial, StudyRequest request, string cacheFolder, CancellationToken cancellation)
    {
        if (request.Device.StartsWith("cuda", StringComparison.Ordinal))
            return;
        WaitPolicy.Now().ChooseHere();
        if (!KernelComparison.IsNeeded)
            return;
        var extent = DatasetPreparation.Measure(study.Dataset, study.Subset, study.PackSize, request.DataPath, cacheFolder);
        using var kernels = new TrialKernels(study, extent, Console.Error.WriteLine);
        if (kernels.For(trial.Entry, cancellation).GetAwaiter().GetResult() is { } chosen)
            ConvolutionKernels.Choose(chosen);
    }

    /// <summary>What a study run has verified is not read twice, unless another file lies in its place.</summary>
    private static DatasetPack OpenPack(Study study, StudyRequest request, string cacheFolder, TextWriter output, CancellationToken cancellation)
    {
        var pack = Open(verify: TrialProcess.VerifiedPack is null);
        if (TrialProcess.VerifiedPack is not { } verified || verified == pack.Identity)
            return pack;
        pack.Dispose();
        pack = Open(verify: true);
        if (verified.StartsWith(pack.Fingerprint, StringComparison.Ordinal))
            return pack;
        pack.Dispose();
        throw new ConfigurationException($"{study.Dataset.Name} was changed while the study ran: it holds other data than the study began with.");

        DatasetPack Open(bool verify) => DatasetPreparation.OpenOrCreate(
            study.Dataset, study.Subset, study.PackSize, request.DataPath, cacheFolder, verify, new PackingLines(study.Dataset.Name, output), cancellation);
    }
}
