using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using TorchSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Execution;

/// <summary>A trial whose process died, and its last word.</summary>
internal sealed record TrialFailure(string Trial, string Reason);

/// <summary>
/// Runs what is missing of a study, one process per trial: the baseline first. Where there is room beside it, others start before their
/// target is known.
/// </summary>
internal sealed class StudyRun(IWorkload workload, Study study, ResultStore store, StudyRequest request)
{
    private readonly MeasuredStudy measured = new(study, store);
    private readonly IStudyData data = workload.Data(study, request.DataPath, DatasetPreparation.DefaultCacheFolder);
    private readonly ConcurrentQueue<TrialFailure> failures = [];
    private readonly ConcurrentQueue<Trial> awaiting = [];
    private volatile bool hasNoTarget;
    private WaitPolicy? waiting;

    /// <summary>The trials that failed so far.</summary>
    public IReadOnlyList<TrialFailure> Failures => [.. failures];

    /// <param name="output">For the lines that people watch.</param>
    public async Task Run(TextWriter output, CancellationToken cancellation)
    {
        if (request.DataPath is null && IsDone())
        {
            measured.WriteStudy();
            output.WriteLine("Every trial is done; the report is drawn anew.");
            return;
        }

        var devices = CheckBeforeWriting();
        foreach (var finding in ScannedRates.Findings(workload, study, store))
            output.WriteLine(finding);
        using var display = new StudyDisplay(study, output, request.Parallel);
        // Open as long as the study runs, so that a change of it is noticed.
        using var prepared = Prepare(display, cancellation);
        RequireExamples(prepared);
        using var kernels = new TrialKernels(study, ImageCounts.Of(prepared.Record), display.Tell);
        measured.WriteStudy();
        OwnSourceFiles.Write(store, study);
        display.Open();
        var isTargetKnown = study.ScanOf is not null || measured.Threshold() is not null;
        var baseline = isTargetKnown ? [] : study.Trials.Where(trial => trial.Entry == study.Baseline).ToList();
        var others = InOrder([.. study.Trials.Skip(baseline.Count)]);
        if (!isTargetKnown)
        {
            // No device waits for the baseline; what comes to its end before it is judged afterwards.
            var begun = request.Parallel > 1 ? others : [];
            await RunMissing(baseline.Concat(begun), devices, prepared, kernels, display, cancellation);
            if (measured.Threshold() is not { } threshold)
                return;
            measured.WriteStudy();
            measured.RequireTarget(threshold);
            others = request.Parallel > 1 ? [.. awaiting] : others;
        }

        await RunMissing(others, devices, prepared, kernels, display, cancellation);
    }

    /// <summary>Then nothing is needed but the records: a study that came with the program is read where its data never was.</summary>
    private bool IsDone()
    {
        measured.RequireProtocol();
        if (!study.Trials.All(trial => measured.Finished(trial) is not null))
            return false;
        if (measured.Threshold() is { } threshold)
            measured.RequireTarget(threshold);
        return true;
    }

    /// <summary>
    /// One after the other as the study has them, so that a part of it is a usable study. Several at a time end soonest where the
    /// longest begin.
    /// </summary>
    private IReadOnlyList<Trial> InOrder(IReadOnlyList<Trial> trials)
    {
        if (request.Parallel == 1)
            return trials;
        var missing = trials.Where(trial => measured.Finished(trial) is null).Select(trial => trial.Entry.Name).ToHashSet();
        // Of one entry all are as long.
        if (missing.Count < 2)
            return trials;
        var extent = data.Measure();
        return PredictedCompute.LongestFirst(trials, entry =>
            missing.Contains(entry.Name) ? PredictedCompute.Of(workload, study, entry, extent) : null
        );
    }

    private void RequireExamples(IPreparedData prepared)
    {
        foreach (var entry in study.AllEntries)
        {
            try
            {
                prepared.RecordOf(study.SettingsFor(entry));
            }
            catch (ConfigurationException problem)
            {
                throw new ConfigurationException($"{entry.Name}: {problem.Message}");
            }
        }
    }

    /// <summary>All that can be refused is refused here, with nothing written.</summary>
    /// <returns>The devices to run on, one for each trial at a time.</returns>
    private DevicePool CheckBeforeWriting()
    {
        WaitPolicy.Require();
        TorchLibrary.Load();
        var device = ComputeDevice.Parse(request.Device);
        if (
            request.Device == "auto"
            && device.type == DeviceType.CPU
            && GpuSigns.OfThisMachine().WhyNone(TorchLibrary.Description) is { } hidden
        )
            Console.Error.WriteLine($"Trials run on the CPU: {hidden.Found}. To train on a GPU: {hidden.Advice}.");
        if (TorchLibrary.Description.Misfit is { } misfit)
            Console.Error.WriteLine(
                $"libtorch {TorchLibrary.Description.Version} is called by its dispatcher, as TorchSharp's native library does not fit "
                    + $"it: {misfit}."
            );
        var devices = Devices(device);
        foreach (var entry in study.AllEntries)
            ComputeDevice.Require(study, entry.Recipe, device);
        StudyCheck.RequireRunnable(workload, study, store, request);
        return devices;
    }

    /// <summary>
    /// One trial per GPU at a time; on a CPU as many as its processors have threads for. More slow each other down, so that their seconds
    /// measure nothing: they run on request alone.
    /// </summary>
    private DevicePool Devices(torch.Device device)
    {
        string[] room = device.type switch
        {
            DeviceType.CUDA when request.Device is "auto" or "cuda" =>
            [
                .. Enumerable
                    .Range(0, torch.cuda.device_count())
                    .Select(index => string.Create(CultureInfo.InvariantCulture, $"cuda:{index}")),
            ],
            DeviceType.CUDA => [request.Device],
            _ => [.. Enumerable.Repeat("cpu", Math.Max(1, Environment.ProcessorCount / study.Threads))],
        };
        // Every device once before any of them twice.
        List<string> places = [.. Enumerable.Repeat(room, request.PerDevice).SelectMany(devices => devices)];
        return request.Parallel <= places.Count
            ? new DevicePool([.. places.Take(request.Parallel)], DeviceProbe.Answers)
            : throw new ConfigurationException(
                $"--parallel: {request.Parallel} trials at a time do not fit this machine (one per GPU, {study.Threads} processors "
                    + $"each on a CPU"
                    + $"{(request.PerDevice > 1 ? $"; {request.PerDevice} share" : "")}); allowed: 1 to {places.Count}, or more with "
                    + $"--per-device, whose seconds count for nothing."
            );
    }

    /// <summary>Prepares the data once, and makes sure that what is done was measured on the same.</summary>
    private IPreparedData Prepare(StudyDisplay display, CancellationToken cancellation)
    {
        var prepared = data.Prepare(verify: true, display.Preparation, cancellation);
        measured.RequireData(prepared.Record.PackSha256);
        display.Ready(prepared);
        return prepared;
    }

    private async Task RunMissing(
        IEnumerable<Trial> trials,
        DevicePool devices,
        IPreparedData prepared,
        TrialKernels kernels,
        StudyDisplay display,
        CancellationToken cancellation
    )
    {
        var attempts = new TrialAttempts(measured, prepared);
        var options = new ParallelOptions { MaxDegreeOfParallelism = request.Parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(trials, options, async (trial, stop) =>
        {
            try
            {
                await RunOne(trial, stop);
            }
            catch (Exception error) when (error is ConfigurationException or IOException or UnauthorizedAccessException or Win32Exception)
            {
                // The other trials go on.
                Fail(trial, error.Message, display);
            }
        });

        async Task RunOne(Trial trial, CancellationToken stop)
        {
            if (measured.Finished(trial) is { } done)
            {
                // A kill just after the record leaves them.
                store.RemoveCheckpoints(trial.Id);
                display.Finished(trial, done.Record);
                return;
            }

            // The baseline has failed: nothing is to be reached.
            if (hasNoTarget && !study.RunsWithoutTarget(trial.Entry) && measured.Threshold() is null)
                return;
            display.Started(trial);
            while (await Attempt(trial, stop) is { } lost)
                display.Tell($"{lost} no longer answers and is given no more trials; {trial.Id} goes on elsewhere");
        }

        // The device, where it is lost.
        async Task<string?> Attempt(Trial trial, CancellationToken stop)
        {
            if (await devices.Take(stop) is not { } device)
            {
                Fail(trial, "no device is left that answers.", display);
                return null;
            }

            try
            {
                var (chosen, wait) = device == "cpu" ? (await kernels.For(trial.Entry, stop), Waiting(display)) : (null, null);
                var own = request with { Device = device };
                var end = await attempts.Run(trial, own, chosen, wait, progress => display.Progress(trial, progress), display.Tell, stop);
                if (end is not null && end != ProcessEnd.AwaitsTarget && await devices.IsLost(device))
                    return device;
                End(trial, end, stop.IsCancellationRequested, display);
                return null;
            }
            finally
            {
                devices.GiveBack(device);
            }
        }
    }

    /// <summary>
    /// Looked at before every trial, as what else runs changes; with several at a time once, before the others are our own.
    /// </summary>
    private WaitPolicy Waiting(StudyDisplay display)
    {
        lock (failures)
        {
            if (waiting is null || request.Parallel == 1)
            {
                var now = WaitPolicy.Now();
                if (now.Passive is not null && now.Passive != waiting?.Passive)
                    display.Tell($"The {now.Words} ({WaitPolicy.Variable}).");
                waiting = now;
            }

            return waiting;
        }
    }

    private void End(Trial trial, ProcessEnd? end, bool isStopping, StudyDisplay display)
    {
        var done = end is null ? measured.Finished(trial) : null;
        if (end == ProcessEnd.AwaitsTarget || (done is null && end is null && isStopping))
        {
            if (end is not null)
                awaiting.Enqueue(trial);
            display.Stopped(trial, store.HasCheckpoint(trial.Id));
            return;
        }

        if (done is null)
        {
            Fail(trial, end?.Reason ?? "ended without a record.", display);
            return;
        }

        hasNoTarget |= study.RunsWithoutTarget(trial.Entry) && study.ScanOf is null && done.Record.Outcome != Outcome.Completed;
        display.Finished(trial, done.Record);
    }

    private void Fail(Trial trial, string reason, StudyDisplay display)
    {
        hasNoTarget |= study.ScanOf is null && study.RunsWithoutTarget(trial.Entry);
        display.Failed(trial, reason);
        failures.Enqueue(new TrialFailure(trial.Id, reason));
    }
}
