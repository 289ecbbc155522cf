using System.Diagnostics;
using TrainHarness.Training.Clocks;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// How long a trial has taken in all its attempts, from each one's start; neither the time between them is in it nor that in which they
/// were suspended. It starts when it is made.
/// </summary>
/// <param name="suspensions">Null where nobody watches.</param>
/// <param name="trialsPerDevice">How many trials may share its device, itself included.</param>
public sealed class TrialClock(SuspensionWatch? suspensions = null, int trialsPerDevice = 1)
{
    private readonly long madeAt = Stopwatch.GetTimestamp();
    private readonly double frozenBefore = suspensions?.FrozenSeconds ?? 0;
    private double before;
    private double? suspendedBefore = 0;

    /// <summary>When the first attempt started, by the machine's clock.</summary>
    public DateTimeOffset Started { get; private set; } = DateTimeOffset.UtcNow;

    public double Seconds => before + Math.Max(0, Stopwatch.GetElapsedTime(madeAt).TotalSeconds - Frozen);

    private double Frozen => (suspensions?.FrozenSeconds ?? 0) - frozenBefore;

    /// <summary>How long its attempts were suspended; null where one of them did not look.</summary>
    public double? SuspendedSeconds => suspendedBefore + suspensions?.Seconds;

    /// <summary>How many trials shared its device in any of its attempts, itself included.</summary>
    public int TrialsPerDevice { get; private set; } = trialsPerDevice;

    /// <summary>Adds what a checkpoint holds of earlier attempts.</summary>
    public void Resume(DateTimeOffset started, double seconds, double? suspendedSeconds, int? trialsPerDevice)
    {
        (Started, before, suspendedBefore) = (started, seconds, suspendedSeconds);
        TrialsPerDevice = Math.Max(TrialsPerDevice, trialsPerDevice ?? 1);
    }
}
