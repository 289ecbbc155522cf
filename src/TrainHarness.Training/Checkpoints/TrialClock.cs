using System.Diagnostics;

namespace TrainHarness.Training.Checkpoints;

/// <summary>How long a trial has taken in all its attempts, from each one's start; the time between them is not in it. It starts when it is made.</summary>
public sealed class TrialClock
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private double before;

    /// <summary>When the first attempt started, by the machine's clock.</summary>
    public DateTimeOffset Started { get; private set; } = DateTimeOffset.UtcNow;

    public double Seconds => before + watch.Elapsed.TotalSeconds;

    /// <summary>Adds what a checkpoint holds of earlier attempts.</summary>
    public void Resume(DateTimeOffset started, double seconds) => (Started, before) = (started, seconds);
}
