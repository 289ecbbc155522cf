using System.Diagnostics;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>
/// Adds up the time between starts and stops. Stopping waits for the device first. It counts the system's steady time: a machine's clock that is
/// set, or jumps, does not move it.
/// </summary>
public sealed class PausableClock(Device device)
{
    private readonly Stopwatch watch = new();

    private double before;

    public double Seconds => before + watch.Elapsed.TotalSeconds;

    /// <summary>Goes on from what a checkpoint holds.</summary>
    public void Resume(double seconds)
    {
        watch.Reset();
        before = seconds;
    }

    public void Start()
    {
        ComputeDevice.Synchronize(device);
        watch.Start();
    }

    public void Stop()
    {
        ComputeDevice.Synchronize(device);
        watch.Stop();
    }
}
