using System.Globalization;

namespace TrainHarness.Cli.Execution;

/// <summary>How a process ended that was not done, in words.</summary>
internal static class ProcessDeath
{
    // Whoever is ended by a signal has 128 and its number for an exit status.
    private const int FirstSignal = 128;

    // SIGILL, SIGABRT, SIGBUS, SIGFPE and SIGSEGV; the others come from outside.
    private static readonly int[] Crashes = [4, 6, 7, 8, 11];

    private static readonly Dictionary<int, string> Signals = new()
    {
        [4] = "crashed in native code (SIGILL)",
        [6] = "aborted in native code (SIGABRT)",
        [7] = "crashed (SIGBUS), as when a file that it reads, such as the stored dataset, becomes shorter",
        [8] = "crashed in native code (SIGFPE)",
        [9] = "was killed (SIGKILL), perhaps by the system for want of memory",
        [11] = "crashed in native code (SIGSEGV)",
        [15] = "was ended from outside (SIGTERM)",
    };

    /// <param name="lastError">The last line that it wrote to standard error; empty where there was none.</param>
    public static ProcessEnd Of(int exitCode, string lastError)
    {
        var how =
            OperatingSystem.IsWindows() && exitCode < 0
                ? string.Create(CultureInfo.InvariantCulture, $"crashed in native code (0x{exitCode:X8})")
            : !OperatingSystem.IsWindows() && Signals.TryGetValue(exitCode - FirstSignal, out var signal) ? signal
            : string.Create(CultureInfo.InvariantCulture, $"ended with exit status {exitCode}");
        var isCrash = OperatingSystem.IsWindows() ? exitCode < 0 : Crashes.Contains(exitCode - FirstSignal);
        return new ProcessEnd($"{how}: {(lastError.Length > 0 ? lastError : "no message")}", isCrash);
    }
}
