using System.Diagnostics;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Clusters;

/// <summary>
/// One task of a cluster: it trains one trial of a manifest, goes on from where an earlier one stopped, and asks to be run again when
/// its time is up.
/// </summary>
internal sealed class TrialTask(IWorkload workload, Study study, TrialManifest manifest, TextWriter output)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    // Each reads the records of the baseline, from a disk that many machines share.
    private static readonly TimeSpan BetweenLooksForTheTarget = TimeSpan.FromSeconds(5);

    // As long as a task holds its place, one of the baseline may have none.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private readonly ResultStore store = new(Path.Combine(manifest.Results, study.Name));

    /// <summary>Index of this task, where a cluster has started this process; null elsewhere.</summary>
    public static int? IndexHere => Number("SLURM_ARRAY_TASK_ID") ?? Number("JOB_COMPLETION_INDEX");

    // Not SLURM_JOB_ID: that of an array's last task is the number of the whole array.
    private static string? SlurmTask =>
        Environment.GetEnvironmentVariable("SLURM_ARRAY_JOB_ID") is { } job
        && Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID") is { } task
            ? $"{job}_{task}"
            : null;

    /// <returns>The exit status.</returns>
    /// <exception cref="OperationCanceledException">Stopped on request, with a checkpoint.</exception>
    public async Task<int> Run(int index, CancellationToken cancellation)
    {
        var trial = manifest.TrialAt(index, study);
        var measured = new MeasuredStudy(study, store);
        measured.RequireProtocol();
        if (IsDone(trial, measured))
            return ExitStatus.Done;
        output.WriteLine($"{trial.Id}: task {index.ToString(CultureInfo.InvariantCulture)} on {Environment.MachineName}");
        var before = Saved(trial);
        try
        {
            if (await WaitForItsHolder(trial, measured, cancellation))
                return ExitStatus.Done;
            var end = await Train(trial, measured, cancellation);
            if (IsDone(trial, measured))
                return ExitStatus.Done;
            if (end == ProcessEnd.AwaitsTarget)
                throw new OperationCanceledException(end.Reason);
            if (end is not null)
                return Fail($"{trial.Id}: {end.Reason}");
            cancellation.ThrowIfCancellationRequested();
            return Fail($"{trial.Id}: ended without a record.");
        }
        catch (OperationCanceledException) when (StopRequest.IsTimeUp && SlurmTask is not null)
        {
            return await RunAgain(trial, hasMoved: Saved(trial) != before);
        }
    }

    private bool IsDone(Trial trial, MeasuredStudy measured)
    {
        if (measured.Finished(trial) is not { } done)
            return false;
        store.RemoveCheckpoints(trial.Id);
        output.WriteLine($"{trial.Id}: {done.Record.Outcome.ToString().ToLowerInvariant()}");
        return true;
    }

    /// <summary>
    /// A node that its cluster has lost may go on. What it has begun is not begun a second time: this task takes over when nothing is
    /// heard of it any more.
    /// </summary>
    /// <returns>Whether the trial is done.</returns>
    private async Task<bool> WaitForItsHolder(Trial trial, MeasuredStudy measured, CancellationToken cancellation)
    {
        var said = false;
        while (TrialLock.HolderOf(store.TrialFolder(trial.Id)) is { } holder)
        {
            if (!said)
                output.WriteLine($"{trial.Id}: {holder} runs it; this task takes over when that ends");
            said = true;
            await Task.Delay(BetweenLooks, cancellation);
        }

        return said && IsDone(trial, measured);
    }

    private async Task<ProcessEnd?> Train(Trial trial, MeasuredStudy measured, CancellationToken cancellation)
    {
        var request = new StudyRequest("run", manifest.Study, manifest.Device, manifest.Data, manifest.Results, Parallel: 1)
        {
            IsTask = true,
        };
        var packing = new PackingLines(DataNames.Of(study), output);
        using var prepared = workload
            .Data(study, request.DataPath, DatasetPreparation.DefaultCacheFolder)
            .Prepare(verify: true, packing, cancellation);
        measured.RequireDataOfTheFirst(prepared.Record.PackSha256);
        using var kernels = new TrialKernels(study, ImageCounts.Of(prepared.Record), output.WriteLine);
        var (chosen, wait) = manifest.Device == "cpu" ? (await kernels.For(trial.Entry, cancellation), WaitPolicy.Now()) : (null, null);
        var attempts = new TrialAttempts(measured, prepared);
        var end = await Once();
        if (end != ProcessEnd.AwaitsTarget || !await WaitForTarget(trial, measured, cancellation))
            return end;
        // While it waited, a task of another submission may have begun with it.
        await WaitForItsHolder(trial, measured, cancellation);
        return await Once();

        Task<ProcessEnd?> Once() =>
            attempts.Run(
                trial,
                request,
                chosen,
                wait,
                progress =>
                {
                    if (progress.IsEvaluation)
                        output.WriteLine(ProgressLines.Line(trial.Id, study.Target.Metric, progress));
                },
                output.WriteLine,
                cancellation
            );
    }

    /// <summary>
    /// Where nothing orders the tasks, a trial may come to the end of its schedule before the baseline has set its target. It is judged
    /// then, in this task while the wait is not too long.
    /// </summary>
    /// <returns>Whether the target is known.</returns>
    /// <exception cref="ConfigurationException">It will not be.</exception>
    private async Task<bool> WaitForTarget(Trial trial, MeasuredStudy measured, CancellationToken cancellation)
    {
        output.WriteLine($"{trial.Id}: has come to the end of its schedule and waits for its target");
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < LongestWait; )
        {
            if (measured.Threshold() is not null)
                return true;
            if (measured.FailedBaseline() is { } failed)
                throw new ConfigurationException(
                    $"{trial.Id}: has no target, as {failed.Record.Id} {failed.Record.Outcome.ToString().ToLowerInvariant()}; "
                        + "allowed: a baseline that runs to the end of its schedule."
                );
            await Task.Delay(BetweenLooksForTheTarget, cancellation);
        }

        return false;
    }

    private async Task<int> RunAgain(Trial trial, bool hasMoved)
    {
        // It would be so the next time, and the time after that.
        if (!hasMoved)
            return Fail(
                $"{trial.Id}: its time was up before anything of it could be saved; allowed: "
                    + "a longer timeout_min, or a shorter signal_delay_s."
            );
        output.WriteLine($"{trial.Id}: its time is up; it goes on from its checkpoint when it runs again");
        output.Flush();
        try
        {
            await Slurm.Requeue(SlurmTask!, CancellationToken.None);
        }
        catch (IOException error)
        {
            return Fail($"{trial.Id}: {error.Message}");
        }

        return ExitStatus.Stopped;
    }

    /// <summary>When its checkpoint was written; null where there is none.</summary>
    private DateTime? Saved(Trial trial) =>
        File.Exists(store.CheckpointFile(trial.Id)) ? File.GetLastWriteTimeUtc(store.CheckpointFile(trial.Id)) : null;

    private static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return ExitStatus.Failed;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
