using TrainHarness.Cli.Tests.Clusters;
using TrainHarness.Cli.Tests.Workloads;
using TrainHarness.Training;
using TrainHarness.Training.Kernels;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace TrainHarness.Cli.Tests;

/// <summary>
/// These tests; or, called by its commands, the real program with one workload more, as somebody else's program would bring it.
/// </summary>
internal static class TestProgram
{
    /// <summary>The program with the workload.</summary>
    public static string File { get; } =
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "TrainHarness.Cli.Tests.exe" : "TrainHarness.Cli.Tests");

    public static Task<int> Main(string[] args) =>
        args switch
        {
            ["study" or "report", ..] when PatientParity.Asked is { } patient => Program.Run(args, WorkloadCatalog.Shipped.With(patient)),
            ["study" or "report", ..] or [KernelCheckProcess.Verb] => Program.Run(args, WorkloadCatalog.Shipped.With(new Parity())),
            _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") => TestPlatformTestFramework.RunAsync(
                args,
                SelfRegisteredExtensions.AddSelfRegisteredExtensions
            ),
            _ => ConsoleRunner.Run(args),
        };
}
