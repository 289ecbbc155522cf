using System.Diagnostics;

namespace TrainHarness.Cli.Tests;

/// <summary>The real program, run as a user runs it.</summary>
internal sealed record Trainharness(int ExitCode, string Output, string Error)
{
    /// <summary>The folder of the solution, above the test's own output folder.</summary>
    public static string Repository => TrainHarness.Testing.Repository.Folder;

    /// <summary>
    /// The one that was built with the tests, or a published one that TRAINHARNESS_PROGRAM names, such as that of scripts/bundle.
    /// </summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("TRAINHARNESS_PROGRAM")
        ?? Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "trainharness.exe" : "trainharness");

    /// <summary>Whether a program such as a shell is installed here.</summary>
    public static bool IsOnPath(string program) =>
        Environment
            .GetEnvironmentVariable("PATH")!
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, $"{program}.exe")));

    public static Task<Trainharness> Run(string workingFolder, params IEnumerable<string> arguments) => Run(workingFolder, [], arguments);

    public static Task<Trainharness> Run(
        string workingFolder,
        IReadOnlyList<(string Name, string Value)> environment,
        IEnumerable<string> arguments
    ) => Run(workingFolder, Program, environment, arguments);

    /// <summary>The same by way of another program, such as a shell.</summary>
    public static async Task<Trainharness> Run(
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
        // The program chooses its allocator itself, whatever the tests run with.
        start.Environment.Remove("LD_PRELOAD");
        start.Environment["TRAINHARNESS_CACHE"] = Path.Combine(workingFolder, "cache");
        // Nor does a record depend on what else runs.
        start.Environment["TRAINHARNESS_WAIT"] = "passive";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Trainharness(process.ExitCode, await output, await error);
    }
}
