using TrainHarness.Training.Clocks;

namespace TrainHarness.Training.Energy;

/// <summary>
/// Adds up energy between starts and stops, as <see cref="PausableClock"/> does time. What is not known for a part is not known for the
/// sum.
/// </summary>
/// <param name="counter">Null where there is none.</param>
/// <param name="time">The system's steady time; tests have their own.</param>
public sealed class EnergyMeter(EnergyCounter? counter, TimeProvider? time = null)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // No processor package draws as much; after the time in which it could, a counter may have begun again more than once.
    private const double MaxWatts = 1_000;

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private long readAt;
    private double[]? before;

    /// <summary>Up to the last <see cref="Stop"/> or <see cref="Sample"/>; null where it is not known.</summary>
    public double? Joules { get; private set; } = counter is null ? null : 0;

    /// <summary>See <see cref="EnergyCounter.Covers"/>; null where nothing was ever measured.</summary>
    public string? Covers { get; private set; } = counter?.Covers;

    /// <summary>Goes on from what a checkpoint holds.</summary>
    /// <returns>Why the energy is not known from here on, where that is new; otherwise null.</returns>
    public string? Resume(double? joules, string? covers)
    {
        var same = covers == counter?.Covers;
        (Joules, Covers, before) = (same ? joules : null, covers, null);
        return same || (joules is null && covers is not null) ? null
            : covers is null ? "its energy is not known: what came before was not measured"
            : counter is null ? $"its energy is not known from here on: what measured it before ({covers}) cannot be read"
            : $"its energy is not known from here on: another meter measured it before ({covers}; now {counter.Covers})";
    }

    /// <summary>Has the sum unknown from here on: what was counted is not what training took.</summary>
    public void Forget() => (Joules, before) = (null, null);

    public void Start() => before = Joules is null ? null : Read();

    public void Stop()
    {
        Add();
        before = null;
    }

    /// <summary>
    /// To be called at least every minute while it runs, so that no counter begins again twice unseen; it looks every ten seconds.
    /// </summary>
    public void Sample()
    {
        if (before is not null && time.GetElapsedTime(readAt) >= Interval)
            Add();
    }

    private void Add()
    {
        if (before is not { } from)
        {
            // Not started, or it could not be read then.
            return;
        }

        var seconds = time.GetElapsedTime(readAt).TotalSeconds;
        var now = Read();
        for (var index = 0; index < from.Length; index++)
            Joules += now is null ? null : Rise(counter!.Domains[index].Range, from[index], now[index], seconds);
        before = Joules is null ? null : now;
    }

    private static double? Rise(double? range, double from, double now, double seconds) =>
        range is { } whole && seconds * MaxWatts >= whole ? null
        : now >= from ? now - from
        : now + range - from;

    /// <summary>Null, and so are the joules from here on, where a counter cannot be read.</summary>
    private double[]? Read()
    {
        readAt = time.GetTimestamp();
        var joules = counter!.Domains.Select(domain => domain.Joules()).ToList();
        if (joules.TrueForAll(value => value is not null))
            return [.. joules.Select(value => value!.Value)];
        Joules = null;
        return null;
    }
}
