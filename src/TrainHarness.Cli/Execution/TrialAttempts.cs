using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>Runs a trial in a process of its own, and once more, from its checkpoint, where that process crashed.</summary>
internal sealed class TrialAttempts(MeasuredStudy measured, IPreparedData prepared)
{
    /// <param name="request">With the device of this trial.</param>
    /// <param name="kernels">What it convolves by on a CPU; null where nothing was chosen.</param>
    /// <param name="wait">How its threads wait; null on a GPU.</param>
    /// <param name="tell">Takes the lines of the trial that are no progress.</param>
    /// <returns>Null when the process ended well, or stopped on request; otherwise how it ended.</returns>
    public async Task<ProcessEnd?> Run(
        Trial trial,
        StudyRequest request,
        KernelSet? kernels,
        WaitPolicy? wait,
        Action<TrainingProgress> progress,
        Action<string> tell,
        CancellationToken cancellation
    )
    {
        var end = await Once();
        if (end is { IsCrash: true } && !cancellation.IsCancellationRequested && measured.Finished(trial) is null)
        {
            tell($"{trial.Id}: {end.Reason}; it is tried once more");
            end = await Once();
        }

        return end ?? Changed(trial);

        async Task<ProcessEnd?> Once() =>
            Changed(trial) ?? await TrialProcess.Run(trial, request, prepared, kernels, wait, progress, tell, cancellation);
    }

    /// <summary>Says so where a trial has read other data than the study began with; null where it has not.</summary>
    private ProcessEnd? Changed(Trial trial)
    {
        try
        {
            prepared.RequireUnchanged();
            return measured.Finished(trial) is { } done && done.Record.Dataset.PackSha256 != prepared.Record.PackSha256
                ? new ProcessEnd(
                    $"{prepared.Record.Name} was changed while the study ran: this trial read other data than the study began with.",
                    IsCrash: false
                )
                : null;
        }
        catch (IOException error)
        {
            return new ProcessEnd(error.Message, IsCrash: false);
        }
    }
}
