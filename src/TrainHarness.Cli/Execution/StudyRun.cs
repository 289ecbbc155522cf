using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using TorchSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Execution;

/// <summary>A trial whose process died, and its last word.</summary>
internal sealed record TrialFailure(string Trial, string Reason);

/// <summary>Runs what is missing of a study: the baseline first, then, with its target, every other trial; one process per trial.</summary>
internal sealed class StudyRun(IWorkload workload, Study study, ResultStore store, StudyRequest request)
{
    private readonly MeasuredStudy measured = new(study, store);
    private readonly IStudyData data = workload.Data(study, request.DataPath, DatasetPreparation.DefaultCacheFolder);
    private readonly ConcurrentQueue<TrialFailure> failures = [];
    private WaitPolicy? waiting;

    /// <summary>The trials that failed so far.</summary>
    public IReadOnlyList<TrialFailure> Failures => [.. failures];

    /// <param name="output">For the lines that people watch.</param>
    public async Task Run(TextWriter output, CancellationToken cancellation)
    {
        var devices = CheckBeforeWriting();
        using var display = new StudyDisplay(study, output, request.Parallel);
        // Open as long as the study runs, so that a change of it is noticed.
        using var prepared = Prepare(display, cancellation);
        using var kernels = new TrialKernels(study, ImageCounts.Of(prepared.Record), display.Tell);
        measured.WriteStudy();
        OwnSourceFiles.Write(store, study);
        display.Open();
        var trials = study.Trials.ToList();
        if (study.ScanOf is null && measured.Threshold() is null)
        {
            await RunMissing(trials.Where(trial => trial.Entry == study.Baseline), devices, prepared, kernels, display, cancellation);
            if (measured.Threshold() is not { } threshold)
                return;
            measured.WriteStudy();
            measured.RequireTarget(threshold);
            trials.RemoveAll(trial => trial.Entry == study.Baseline);
        }

        await RunMissing(trials, devices, prepared, kernels, display, cancellation);
    }

    /// <summary>All that can be refused is refused here, with nothing written.</summary>
    /// <returns>The devices to run on, one for each trial at a time.</returns>
    private ConcurrentBag<string> CheckBeforeWriting()
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
        measured.RequireProtocol();
        study.RequireMeaning(data.Check());
        foreach (var trial in study.Trials)
        {
            if (measured.Finished(trial) is null && store.HasCheckpoint(trial.Id))
                TrialCheckpoints.RequireRules(store, trial.Id, TrialFingerprint.Of(study, trial.Entry));
        }

        if (measured.Threshold() is { } threshold)
            measured.RequireTarget(threshold);
        RequireWritable();
        workload.CheckOwn(study);
        return devices;
    }

    /// <summary>
    /// One trial per GPU at a time; on a CPU as many as its processors have threads for. More slow each other down, so that their seconds
    /// measure nothing: they run on request alone.
    /// </summary>
    private ConcurrentBag<string> Devices(torch.Device device)
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
            ? new ConcurrentBag<string>(places.Take(request.Parallel))
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
        ConcurrentBag<string> devices,
        IPreparedData prepared,
        TrialKernels kernels,
        StudyDisplay display,
        CancellationToken cancellation
    )
    {
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

            display.Started(trial);
            devices.TryTake(out var device);
            try
            {
                var (chosen, wait) = device == "cpu" ? (await kernels.For(trial.Entry, stop), Waiting(display)) : (null, null);
                var failure = Changed(trial, prepared)
                    ?? await TrialProcess.Run(
                        trial,
                        request with
                        {
                            Device = device!,
                        },
                        prepared,
                        chosen,
                        wait,
                        progress => display.Progress(trial, progress),
                        display.Tell,
                        stop
                    );
                End(trial, failure ?? Changed(trial, prepared), stop.IsCancellationRequested, display);
            }
            finally
            {
                devices.Add(device!);
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

    private void End(Trial trial, string? failure, bool isStopping, StudyDisplay display)
    {
        var done = failure is null ? measured.Finished(trial) : null;
        if (done is null && failure is null && isStopping)
        {
            display.Stopped(trial, store.HasCheckpoint(trial.Id));
            return;
        }

        if (done is not null)
        {
            display.Finished(trial, done.Record);
            return;
        }

        Fail(trial, failure ?? "ended without a record.", display);
    }

    private void Fail(Trial trial, string reason, StudyDisplay display)
    {
        display.Failed(trial, reason);
        failures.Enqueue(new TrialFailure(trial.Id, reason));
    }

    /// <summary>Says so where a trial has read other data than the study began with; null where it has not.</summary>
    private string? Changed(Trial trial, IPreparedData prepared)
    {
        try
        {
            prepared.RequireUnchanged();
            return measured.Finished(trial) is { } done && done.Record.Dataset.PackSha256 != prepared.Record.PackSha256
                ? $"{prepared.Record.Name} was changed while the study ran: this trial read other data than the study began with."
                : null;
        }
        catch (IOException error)
        {
            return error.Message;
        }
    }

    /// <summary>Better said now than after the first trial.</summary>
    private void RequireWritable()
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
