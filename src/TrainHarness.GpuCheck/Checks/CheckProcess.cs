using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TrainHarness.Cli.Execution;
using TrainHarness.Results;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>A check in a process of its own: a crash in native code, or a check that hangs, costs that check only.</summary>
internal static class CheckProcess
{
    /// <summary>The verb by which this program runs one check.</summary>
    public const string Verb = "check";

    private static readonly JsonSerializerOptions Line = new(ResultsJson.Options) { WriteIndented = false };

    /// <summary>The child's side: each line as JSON on standard output.</summary>
    /// <param name="request">As <see cref="Run"/> wrote it.</param>
    public static int Serve(string name, string request)
    {
        var check = Check.All.Single(check => check.Name == name);
        foreach (var line in check.Run(JsonSerializer.Deserialize<CheckRequest>(request, Line)!))
            Console.Out.WriteLine(JsonSerializer.Serialize(line, Line));
        return 0;
    }

    /// <summary>The parent's side. A check that ends badly, or not in time, has a last line that says so.</summary>
    /// <param name="tell">Takes each line as it comes.</param>
    public static async Task Run(Check check, CheckRequest request, Action<CheckLine> tell, CancellationToken cancellation)
    {
        using var process = Process.Start(Command(check, request))!;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(TimeSpan.FromSeconds(request.Seconds));
        await using var end = timer.Token.Register(() => process.Kill(entireProcessTree: true));
        var lastWords = LogErrors(process, Path.Combine(request.Folder, $"{check.Name}.log"));
        var lines = 0;
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } text)
        {
            if (Parse(text) is not { } line)
                continue;
            lines++;
            tell(line);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        var last = await lastWords;
        if (cancellation.IsCancellationRequested)
            tell(CheckLine.Failed(check.Name, "", "stopped on request"));
        else if (timer.IsCancellationRequested)
            tell(
                CheckLine.Failed(
                    check.Name,
                    "",
                    string.Create(CultureInfo.InvariantCulture, $"not done after {request.Seconds:F0} s, and ended")
                )
            );
        else if (process.ExitCode != 0)
            tell(CheckLine.Failed(check.Name, "", $"ended with exit status {process.ExitCode}: {last}"));
        else if (lines == 0)
            tell(CheckLine.Failed(check.Name, "", "said nothing"));
    }

    private static ProcessStartInfo Command(Check check, CheckRequest request)
    {
        var start = OwnCommand([Verb, check.Name, JsonSerializer.Serialize(request, Line)]);
        // As trials of a study are started.
        MemoryAllocator.Choose(start.Environment);
        return start;
    }

    /// <summary>This program with other arguments.</summary>
    public static ProcessStartInfo OwnCommand(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        // Under 'dotnet TrainHarness.GpuCheck.dll' the process is dotnet itself.
        string[] own =
            Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? [Path.Combine(AppContext.BaseDirectory, "TrainHarness.GpuCheck.dll")]
                : [];
        return new ProcessStartInfo(program, [.. own, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
    }

    // Native code may write to standard output too.
    private static CheckLine? Parse(string text)
    {
        try
        {
            return text.StartsWith('{') ? JsonSerializer.Deserialize<CheckLine>(text, Line) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<string> LogErrors(Process process, string file)
    {
        await using var log = new StreamWriter(file);
        // A stack trace follows the line that says what happened.
        var last = "no message";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            await log.WriteLineAsync(line);
            if (!string.IsNullOrWhiteSpace(line) && !line.StartsWith("   at ", StringComparison.Ordinal))
                last = line.Trim();
        }

        return last;
    }
}
