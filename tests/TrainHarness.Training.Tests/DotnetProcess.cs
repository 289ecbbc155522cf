using System.Diagnostics;

namespace TrainHarness.Training.Tests;

/// <summary>A finished <c>dotnet</c> command.</summary>
internal sealed record DotnetProcess(int ExitCode, string Output)
{
    public static async Task<DotnetProcess> Run(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            arguments
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A node that outlives the command would keep its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new DotnetProcess(process.ExitCode, await output + await error);
    }
}
