using System.ComponentModel;
using System.Diagnostics;

namespace TrainHarness.Cli.Tests;

/// <summary>A program that ran, and what it took. Processor time, unlike the clock, does not depend on what else runs.</summary>
internal sealed record MeasuredProgram(int ExitCode, string Output, string Error, TimeSpan Processor, TimeSpan Clock, long PeakBytes)
{
    public static async Task<MeasuredProgram> Run(
        string workingFolder,
        string program,
        IReadOnlyList<(string Name, string Value)> environment,
        IEnumerable<string> arguments
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        // A process that has ended does not tell any more, so it is asked while it runs.
        var used = (Processor: TimeSpan.Zero, PeakBytes: 0L);
        while (!process.WaitForExit(20))
            used = Used(process) is { } now ? (now.Processor, Math.Max(now.Bytes, used.PeakBytes)) : used;
        return new MeasuredProgram(process.ExitCode, await output, await error, used.Processor, clock.Elapsed, used.PeakBytes);
    }

    /// <summary>In words, for whoever reads the log of the tests.</summary>
    public override string ToString() =>
        FormattableString.Invariant(
            $"{Processor.TotalSeconds:0.0} s of processor time, {Clock.TotalSeconds:0.0} s by the clock, {PeakBytes / 1e6:0} MB"
        );

    /// <summary>Null for a process that has just ended.</summary>
    private static (TimeSpan Processor, long Bytes)? Used(Process process)
    {
        try
        {
            process.Refresh();
            return (process.TotalProcessorTime, process.WorkingSet64);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
