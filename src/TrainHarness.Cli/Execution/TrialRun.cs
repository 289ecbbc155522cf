using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Clocks;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Energy;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using DeviceType = TorchSharp.DeviceType;

namespace TrainHarness.Cli.Execution;

/// <summary>One trial, in this process, from the study file to record.json.</summary>
internal static class TrialRun
{
    /// <param name="cacheFolder">Where the stored datasets lie.</param>
    /// <param name="output">For the lines that people, or a study run, watch.</param>
    /// <returns>The record, also of a trial that was done before.</returns>
    /// <exception cref="ConfigurationException">The target is not set yet, or the request does not fit this machine or what is measured already.</exception>
    public static TrialRecord Run(
        IWorkload workload, Study study, Trial trial, ResultStore store, StudyRequest request, string cacheFolder, TextWriter output, CancellationToken cancellation)
    {
        TrialPhases.Enter(TrialPhase.StartUp);
        using var suspensions = new SuspensionWatch();
        var clock = new TrialClock(suspensions, request.PerDevice);
        var measured = new MeasuredStudy(study, store);
        measured.RequireProtocol();
        var withoutTarget = study.RunsWithoutTarget(trial.Entry);
        var threshold = measured.Threshold();
        if (threshold is null && !withoutTarget)
            throw new ConfigurationException($"--trial: '{trial.Id}' cannot start before every seed of the baseline {study.Baseline.Name} has run and so set the target; run those first.");
        if (Finished() is { } done)
            return done;

        if (TrialProcess.VerifiedData is null)
            ChooseForCpu(study, trial, request, cacheFolder, cancellation);
        TorchLibrary.Load();
        // A study run has done so before its first trial.
        if (TrialProcess.VerifiedData is null)
            workload.CheckOwn(study);
        var device = ComputeDevice.Parse(request.Device);
        var plan = new TrainingPlan
        {
            Study = study,
            Trial = trial,
            Architecture = workload.Architecture(study, trial.Entry),
            // The trials that set a target run their whole schedule, also when one is added after it was frozen.
            Threshold = withoutTarget ? null : threshold,
            Device = device,
            Suspensions = suspensions,
            Energy = request.PerDevice == 1 && (device.type == DeviceType.CUDA || TrialProcess.IsAlone) ? EnergyCounter.Of(device) : null,
            PeakRate = Hardware.Describe(device).Name is { } name ? DevicePeaks.Find(name, trial.Entry.Recipe.Precision) : null,
        };
        ComputeDevice.Require(study, plan.Recipe, plan.Device);
        using var data = OpenData(workload.Data(study, request.DataPath, cacheFolder), study, output, cancellation);
        measured.RequireData(data.Record.PackSha256);
        study.RequireMeaning(data.Metrics);
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
                store, TrialRecords.Origin(plan, data.Record.PackSha256), TimeSpan.FromMinutes(study.CheckpointEveryMinutes), clock, Tell, RequireAllAsItWas);
            var result = TrainingLoop.Run(plan, data.Open, checkpoints, new ProgressLines(trial.Id, study.Target.Metric, log, output), stop.Token);
            if (result.Divergence is { } divergence)
                Tell($"diverged: {divergence} is not finite");
            if (clock.SuspendedSeconds is > 0 and var seconds)
                Tell($"was suspended for {Shown.Duration(seconds)}, which no clock of it counts");
            TrialPhases.Enter(TrialPhase.Record);
            var record = TrialRecords.Of(plan, data.Record, result, clock);
            measured.RequireData(data.Record.PackSha256);
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
            data.RequireUnchanged();
        }
    }

    /// <summary>A study run has chosen for its trials; a trial by itself chooses here, before libtorch is loaded.</summary>
    private static void ChooseForCpu(Study study, Trial trial, StudyRequest request, string cacheFolder, CancellationToken cancellation)
    {
        if (request.Device.StartsWith("cuda", StringComparison.Ordinal))
            return;
        WaitPolicy.Now().ChooseHere();
        if (!KernelComparison.IsNeeded || study.Settings is not ImageSettings images)
            return;
        var extent = DatasetPreparation.Measure(images.Dataset, images.Subset, images.PackSize, request.DataPath, cacheFolder);
        using var kernels = new TrialKernels(study, ImageCounts.Of(extent), Console.Error.WriteLine);
        if (kernels.For(trial.Entry, cancellation).GetAwaiter().GetResult() is { } chosen)
            ConvolutionKernels.Choose(chosen);
    }

    /// <summary>What a study run has verified is not read twice, unless something else lies in its place.</summary>
    private static IPreparedData OpenData(IStudyData data, Study study, TextWriter output, CancellationToken cancellation)
    {
        var opened = Open(verify: TrialProcess.VerifiedData is null);
        if (TrialProcess.VerifiedData is not { } verified || verified == opened.Identity)
            return opened;
        opened.Dispose();
        opened = Open(verify: true);
        if (verified.StartsWith(opened.Record.PackSha256, StringComparison.Ordinal))
            return opened;
        opened.Dispose();
        throw new ConfigurationException($"{opened.Record.Name} was changed while the study ran: it holds other data than the study began with.");

        IPreparedData Open(bool verify) => data.Prepare(verify, new PackingLines(DataNames.Of(study), output), cancellation);
    }
}
