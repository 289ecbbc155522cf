namespace TrainHarness.Training.Tests;

/// <summary>
/// Collects garbage without a pause until it is disposed of. TorchSharp's objects free their native ones as soon as nothing holds them, be
/// it in the middle of an operation that reads them.
/// </summary>
internal sealed class RunningCollector : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Thread thread;

    public RunningCollector()
    {
        thread = new Thread(Collect) { IsBackground = true };
        thread.Start();
    }

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        stop.Dispose();
    }

    private void Collect()
    {
        while (!stop.IsCancellationRequested)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
