using System.Reflection;

namespace TrainHarness.Cli.Execution;

/// <summary>How this program is started again.</summary>
internal static class ThisProgram
{
    /// <summary>
    /// Program and first arguments: under <c>dotnet trainharness.dll</c> the process is dotnet itself. It may be another program than this,
    /// with workloads of its own.
    /// </summary>
    public static IReadOnlyList<string> Command { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
            ? [Environment.ProcessPath!, Assembly.GetEntryAssembly()!.Location]
            : [Environment.ProcessPath!];
}
