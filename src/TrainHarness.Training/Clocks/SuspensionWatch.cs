using System.Buffers.Text;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TrainHarness.Training.Clocks;

/// <summary>
/// Watches by a thread of its own how long this process is suspended, until it is disposed. A long step in native code does not hold it up.
/// </summary>
public sealed partial class SuspensionWatch : IDisposable
{
    private const int BootTime = 7;
    private const int Monotonic = 1;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly Suspension suspension = new(Interval);
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread heartbeat;
    private long beatAt = Stopwatch.GetTimestamp();

    public SuspensionWatch()
    {
        heartbeat = new Thread(Beat) { IsBackground = true, Name = "suspension watch" };
        heartbeat.Start();
    }

    /// <summary>Suspended so far while the steady clock went on, in seconds.</summary>
    public double FrozenSeconds => Look(() => suspension.Frozen.TotalSeconds);

    /// <summary>All that it was suspended so far, in seconds; of a machine that slept, what the steady clock does not count too.</summary>
    public double Seconds => Look(() => suspension.Total.TotalSeconds);

    public void Dispose()
    {
        stop.Set();
        heartbeat.Join();
        stop.Dispose();
    }

    // Who looks right after the process was continued may be before the heartbeat, whose word is awaited.
    private double Look(Func<double> seconds)
    {
        while (heartbeat.IsAlive && Stopwatch.GetElapsedTime(Interlocked.Read(ref beatAt)) >= Suspension.Shortest)
            Thread.Sleep(1);
        lock (gate)
            return seconds();
    }

    private void Beat()
    {
        using var queue = Queue();
        do
        {
            var now = new ProcessMoment(Stopwatch.GetElapsedTime(0), AsleepSinceStart(), Environment.CpuUsage.TotalTime, Queued(queue));
            lock (gate)
                suspension.Beat(now);
            Interlocked.Exchange(ref beatAt, Stopwatch.GetTimestamp());
        } while (!stop.Wait(Interval));
    }

    // Of this thread: nanoseconds on a processor, nanoseconds in the queue for one, and times on one. Not in every container.
    private static SafeFileHandle? Queue()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.OpenHandle("/proc/thread-self/schedstat") : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static TimeSpan? Queued(SafeFileHandle? queue)
    {
        if (queue is null)
            return null;
        Span<byte> text = stackalloc byte[128];
        var read = text[..RandomAccess.Read(queue, text, 0)];
        var second = read[(read.IndexOf((byte)' ') + 1)..];
        return Utf8Parser.TryParse(second, out long nanoseconds, out _) ? TimeSpan.FromTicks(nanoseconds / 100) : null;
    }

    private static TimeSpan AsleepSinceStart() =>
        OperatingSystem.IsLinux() && Now(BootTime, out var all) == 0 && Now(Monotonic, out var awake) == 0
            ? all.Span - awake.Span
            : TimeSpan.Zero;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Now(int clock, out Moment moment);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Moment
    {
        private readonly nint seconds;
        private readonly nint nanoseconds;

        public TimeSpan Span => TimeSpan.FromTicks((seconds * TimeSpan.TicksPerSecond) + (nanoseconds / 100));
    }
}
