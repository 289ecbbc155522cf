using System.Globalization;

namespace TrainHarness.Cli.Execution;

/// <summary>What the machine's processors have done so far, and what of it this process and those that it waited for have done.</summary>
/// <param name="Ticks">When, in ticks of one processor since the machine started.</param>
/// <param name="Busy">Of all processors together, in the same ticks; what a hypervisor gave to others is busy, too.</param>
/// <param name="Own">Of this process.</param>
internal sealed record ProcessorTime(double Ticks, double Busy, double Own)
{
    private const int UserColumn = 1;
    private const int IdleColumn = 4;
    private const int WaitColumn = 5;
    private const int StealColumn = 8;

    /// <summary>Null where the system does not tell.</summary>
    public static ProcessorTime? Now()
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? Parse(File.ReadLines("/proc/stat").First(), File.ReadAllText("/proc/self/stat"), Environment.ProcessorCount)
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How many processors others keep busy, on average since another moment.</summary>
    /// <returns>Null where no time has passed.</returns>
    public double? BusyWithOthersSince(ProcessorTime earlier) =>
        Ticks > earlier.Ticks ? Math.Max(0, Busy - earlier.Busy - (Own - earlier.Own)) / (Ticks - earlier.Ticks) : null;

    /// <param name="total">First line of /proc/stat.</param>
    /// <param name="self">Of /proc/self/stat.</param>
    /// <returns>Null where they have another form than proc(5) says.</returns>
    internal static ProcessorTime? Parse(string total, string self, int processors)
    {
        var columns = total.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The name of the program, in brackets, may have anything in it.
        var own = self[(self.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // In user mode and in the kernel, of this process and of children that ended.
        const int OwnUser = 11,
            OwnTimes = 4;
        if (columns.Length <= StealColumn || columns[0] != "cpu" || own.Length < OwnUser + OwnTimes)
            return null;
        double[] times = [.. columns.Skip(UserColumn).Take(StealColumn).Select(Number)];
        double[] ofThis = [.. own.Skip(OwnUser).Take(OwnTimes).Select(Number)];
        if (times.Concat(ofThis).Any(double.IsNaN))
            return null;
        var all = times.Sum();
        return new ProcessorTime(all / processors, all - times[IdleColumn - 1] - times[WaitColumn - 1], ofThis.Sum());
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
}
