using System.Globalization;

namespace TrainHarness.Cli.Execution;

/// <summary>What the processors that this process may use have done until now, in seconds of one processor.</summary>
/// <param name="All">Of all processes, and of other guests of the machine that took the processors away.</param>
/// <param name="Own">Of this process.</param>
internal sealed record ProcessorUse(double All, double Own)
{
    // USER_HZ: what Linux shows to programs on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    // A tenth of what a measurement asks for changes its times by less than they differ anyhow.
    private const double Disturbing = 0.1;

    /// <summary>Null where the system does not say.</summary>
    public static ProcessorUse? Now() =>
        OperatingSystem.IsLinux() && File.Exists("/proc/stat") && File.Exists("/proc/self/status")
            ? Read(File.ReadAllText("/proc/stat"), File.ReadAllText("/proc/self/status"), Environment.CpuUsage.TotalTime.TotalSeconds)
            : null;

    /// <param name="stat">/proc/stat.</param>
    /// <param name="status">/proc/self/status, which names the processors that may be used.</param>
    /// <returns>Null where it is written otherwise than Linux does.</returns>
    public static ProcessorUse? Read(string stat, string status, double own)
    {
        var allowed = status.Split('\n').FirstOrDefault(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)) is { } list
            ? Processors(list[(list.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())
            : null;
        if (allowed is null)
            return null;
        var busy = stat.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells is [['c', 'p', 'u', _, ..], ..])
            .Where(cells => int.TryParse(cells[0][3..], CultureInfo.InvariantCulture, out var number) && allowed.Contains(number))
            .Select(BusyTicks)
            .ToList();
        return busy.Count > 0 && busy.TrueForAll(ticks => ticks is not null)
            ? new ProcessorUse(busy.Sum(ticks => ticks!.Value) / TicksPerSecond, own)
            : null;
    }

    /// <summary>How many processors others took between two looks; null where that is not known.</summary>
    /// <param name="seconds">Between them.</param>
    public static double? TakenByOthers(ProcessorUse? before, ProcessorUse? after, double seconds) =>
        before is not null && after is not null && seconds > 0
            ? Math.Max(0, (after.All - before.All - (after.Own - before.Own)) / seconds)
            : null;

    /// <summary>Whether what others take leaves less than a measurement asks for.</summary>
    /// <param name="threads">How many processors the measurement asks for.</param>
    /// <param name="processors">How many there are.</param>
    public static bool IsBusy(double? takenByOthers, int threads, int processors) =>
        takenByOthers + threads - processors > Disturbing * threads;

    // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
    private static double? BusyTicks(string[] cells)
    {
        if (cells.Length < 9)
            return null;
        double sum = 0;
        foreach (var index in (int[])[1, 2, 3, 6, 7, 8])
        {
            if (!double.TryParse(cells[index], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
                return null;
            sum += ticks;
        }

        return sum;
    }

    // 0-3,8
    private static HashSet<int>? Processors(string list)
    {
        var numbers = new HashSet<int>();
        foreach (var part in list.Split(','))
        {
            var ends = part.Split('-');
            if (
                !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last - first is < 0 or > 100_000
            )
                return null;
            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return numbers;
    }
}
