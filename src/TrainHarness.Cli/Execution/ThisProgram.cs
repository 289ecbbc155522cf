namespace TrainHarness.Cli.Execution;

/// <summary>How this program is started again.</summary>
internal static class ThisProgram
{
    /// <summary>Program and first arguments: under <c>dotnet trainharness.dll</c> the process is dotnet itself.</summary>
    public static IReadOnlyList<string> Command { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? [Environment.ProcessPath!, typeof(ThisProgram).Assembly.Location]
        : [Environment.ProcessPath!];
}
