namespace TrainHarness.Training.Clocks;

/// <summary>What a process looks like from inside at one moment.</summary>
/// <param name="Steady">Time of the steady clock, which every duration here is taken from.</param>
/// <param name="Asleep">How long the whole machine has slept since its start, where the steady clock does not count that.</param>
/// <param name="Processor">Processor time that all threads of the process have used.</param>
/// <param name="Queued">How long the thread that looks has waited for a processor; null where the system does not say.</param>
public readonly record struct ProcessMoment(TimeSpan Steady, TimeSpan Asleep, TimeSpan Processor, TimeSpan? Queued);

/// <summary>
/// Tells from the times of a regular heartbeat how long the process was suspended between them: by SIGSTOP, by a scheduler, by a frozen
/// container, by a machine that slept. A suspended process uses no processor time and does not wait for any. One on a busy machine does one
/// or the other.
/// </summary>
/// <param name="interval">Between two heartbeats when nothing is in the way.</param>
public sealed class Suspension(TimeSpan interval)
{
    /// <summary>A shorter gap is none.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    // What threads that were woken first may use before the heartbeat looks.
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(200);

    private ProcessMoment? last;
    private double share;

    /// <summary>Suspended while the steady clock went on.</summary>
    public TimeSpan Frozen { get; private set; }

    /// <summary>Suspended with the steady clock, and so in no duration.</summary>
    public TimeSpan Asleep { get; private set; }

    public TimeSpan Total => Frozen + Asleep;

    /// <summary>To be called once every interval, always from the same thread.</summary>
    public void Beat(ProcessMoment now)
    {
        if (last is { } before)
        {
            Asleep += now.Asleep - before.Asleep is var slept && slept >= Shortest ? slept : TimeSpan.Zero;
            var gap = now.Steady - before.Steady - interval;
            var used = now.Processor - before.Processor;
            if (gap >= Shortest && WasIdle(gap, used) && !Waited(gap, now.Queued - before.Queued))
                Frozen += gap;
            else
                share = used / (now.Steady - before.Steady);
        }

        last = now;
    }

    // The interval in which it was suspended began with its threads at work.
    private bool WasIdle(TimeSpan gap, TimeSpan used) => used <= HeadStart + (share * interval) + (share * gap / 2);

    private static bool Waited(TimeSpan gap, TimeSpan? queued) => queued > gap / 2;
}
