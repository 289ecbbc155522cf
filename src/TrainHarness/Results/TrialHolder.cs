using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace TrainHarness.Results;

/// <summary>The process that holds a trial.</summary>
/// <param name="Host">Name of its machine.</param>
/// <param name="Space">Tells apart what a name does not: boots of a machine, and containers with process numbers of their own.</param>
/// <param name="ProcessStart">
/// When it started, as the system counts it: a number that was given to another process since is told apart by it.
/// </param>
/// <param name="Attempt">Different for each time that a process takes a trial.</param>
public sealed record TrialHolder(string Host, string Space, int ProcessId, string ProcessStart, string Attempt)
{
    /// <summary>This process, with an attempt of its own.</summary>
    public static TrialHolder ThisProcess() =>
        new(Environment.MachineName, ThisSpace, Environment.ProcessId, StartOf(Environment.ProcessId) ?? "", Guid.NewGuid().ToString("N"));

    private const string Hidden = "hidden";

    private static string ThisSpace { get; } =
        OperatingSystem.IsLinux()
            ? $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}"
            : "";

    /// <summary>Whether this process can see it, if it lives.</summary>
    [JsonIgnore]
    public bool IsHere => Host == Environment.MachineName && Space == ThisSpace;

    /// <summary>Whether it lives, of one that <see cref="IsHere"/>; null where the system does not show processes of other users.</summary>
    public bool? Lives() => StartOf(ProcessId) is var start && start == Hidden ? null : start == ProcessStart;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"process {ProcessId} on {Host}");

    /// <summary>Null where there is no such process, or only its remains.</summary>
    private static string? StartOf(int processId) => OperatingSystem.IsLinux() ? StartOnLinux(processId) : StartElsewhere(processId);

    // proc(5): after the name in parentheses, which may hold anything, come the state and, nineteen fields on, the start in clock ticks
    // since the boot. A machine's clock that is set does not change it, as it would change Process.StartTime.
    private static string? StartOnLinux(int processId)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Mounted with hidepid, /proc shows no processes of other users, of which the first is one.
            return File.Exists("/proc/1/stat") ? null : Hidden;
        }
    }

    private static string? StartElsewhere(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.HasExited ? null : process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return null;
        }
        catch (Win32Exception)
        {
            return Hidden;
        }
    }
}
