using System.Diagnostics;
using TrainHarness.Training.Devices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Clocks;

/// <summary>
/// Adds up the time between starts and stops. Stopping waits for the device first. It counts the system's steady time, which a machine's
/// clock that is set, or jumps, does not move, and leaves out the time in which the process was suspended.
/// </summary>
/// <param name="suspensions">Null where nobody watches.</param>
public sealed class PausableClock(Device device, SuspensionWatch? suspensions = null)
{
    private double before;
    private (long At, double Frozen)? started;

    public double Seconds => before + Running();

    /// <summary>Goes on from what a checkpoint holds.</summary>
    public void Resume(double seconds) => (before, started) = (seconds, null);

    public void Start()
    {
        ComputeDevice.Synchronize(device);
        started ??= (Stopwatch.GetTimestamp(), Frozen);
    }

    public void Stop()
    {
        ComputeDevice.Synchronize(device);
        before += Running();
        started = null;
    }

    private double Frozen => suspensions?.FrozenSeconds ?? 0;

    // A suspension is known to a tenth of a second, and may be all there is.
    private double Running() =>
        started is { } from ? Math.Max(0, Stopwatch.GetElapsedTime(from.At).TotalSeconds - Frozen + from.Frozen) : 0;
}
