using System.Diagnostics;
using TrainHarness.Training.Devices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>How long a piece of work took.</summary>
/// <param name="Seconds">By the clock.</param>
/// <param name="ProcessorSeconds">Of all processors together, spent by this process: what other processes do hardly changes it.</param>
public sealed record TimedWork(double Seconds, double ProcessorSeconds)
{
    internal static TimedWork Of(Device device, Action work)
    {
        ComputeDevice.Synchronize(device);
        var (processor, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        work();
        ComputeDevice.Synchronize(device);
        return new TimedWork(clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }
}
