using System.Diagnostics;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>Adds up the time between starts and stops. Stopping waits for the device first.</summary>
public sealed class PausableClock(Device device)
{
    private readonly Stopwatch watch = new();

    public double Seconds => watch.Elapsed.TotalSeconds;

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
