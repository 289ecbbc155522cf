using System.Text;
using TrainHarness.Analysis;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Execution;

/// <summary>How far a trial is, as <c>study status</c> words it.</summary>
internal enum TrialState
{
    Pending,
    Running,

    /// <summary>Unfinished; the next run goes on from its checkpoint.</summary>
    Checkpointed,
    Reached,
    Missed,
    Diverged,
    Failed,
}

/// <summary>Reads the state of a trial off its files.</summary>
internal static class TrialStates
{
    private const long LongestLine = 1 << 16;

    /// <param name="threshold">Of the study; null while it is not set.</param>
    public static TrialState Of(Trial trial, double? threshold, MeasuredStudy measured, ResultStore store)
    {
        if (measured.Finished(trial) is { } done)
            return OfFinished(done, threshold);
        if (TrialLock.HolderOf(store.TrialFolder(trial.Id)) is not null)
            return TrialState.Running;
        if (EndsInError(store.LogFile(trial.Id)))
            return TrialState.Failed;
        return store.HasCheckpoint(trial.Id) ? TrialState.Checkpointed : TrialState.Pending;
    }

    // A trial that sets the target has reached it, unless it was added after the target was frozen.
    private static TrialState OfFinished(TrialResult done, double? threshold) =>
        done.Record.Outcome switch
        {
            Outcome.Diverged => TrialState.Diverged,
            Outcome.Completed => threshold is null || CostToTarget.Of(done, threshold.Value, _ => 1) is { Reached: true }
                ? TrialState.Reached
                : TrialState.Missed,
            Outcome.Reached => TrialState.Reached,
            Outcome.Missed => TrialState.Missed,
            _ => throw new ArgumentOutOfRangeException(nameof(done), done.Record.Outcome, null),
        };

    // A log may be long, and only its last line tells.
    private static bool EndsInError(string log)
    {
        try
        {
            if (PlainFile.Length(log) is null or 0)
                return false;
            using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var end = new byte[Math.Min(stream.Length, LongestLine)];
            stream.Seek(-end.Length, SeekOrigin.End);
            stream.ReadAtLeast(end, end.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(end).TrimEnd().Split('\n')[^1].Contains("\"@l\":\"Error\"", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
