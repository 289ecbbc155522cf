using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>The batches of a trial from where it stands, and how long it waits for them.</summary>
internal sealed class TrialBatches(PreparedTrial trial) : IDisposable
{
    private readonly IEnumerator<IBatch> batches = trial.Task.Batches.From(trial.State.Step).GetEnumerator();

    /// <exception cref="InvalidOperationException">There are fewer than the schedule has steps.</exception>
    public IBatch Next()
    {
        var waited = trial.State.DataWait.Seconds;
        trial.State.DataWait.Start();
        var isThere = batches.MoveNext();
        trial.State.DataWait.Stop();
        // Data that compute made were not waited for.
        if (isThere && batches.Current.Spent != Macs.Zero)
            trial.State.DataWait.Resume(waited);
        return isThere
            ? batches.Current
            : throw new InvalidOperationException($"The workload's batches end after {trial.State.Step} of {trial.Schedule.Steps} steps.");
    }

    public void Dispose() => batches.Dispose();
}
