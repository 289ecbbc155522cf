using System.Globalization;
using System.Runtime.Loader;

/// <summary>
/// Run by .NET inside the program before its Main where DOTNET_STARTUP_HOOKS names this assembly: every thread then writes numbers as a
/// German does. No setting of a machine can ask for that, because the program is built without cultures. The name is .NET's.
/// </summary>
internal static class StartupHook
{
    /// <summary>Names the file that the hook leaves as a proof.</summary>
    public const string ProofVariable = "TRAINHARNESS_TEST_CULTURE_PROOF";

    public static void Initialize()
    {
        // .NET looks for what a hook needs in the program's own folder.
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            name.Name == "TrainHarness.Testing"
                ? context.LoadFromAssemblyPath(
                    Path.Combine(Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!, name.Name + ".dll")
                )
                : null;
        WriteAsAGermanDoes();
    }

    private static void WriteAsAGermanDoes()
    {
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = Snapshot.German;
        if (Environment.GetEnvironmentVariable(ProofVariable) is { } file)
            File.WriteAllText(file, $"{1234.5:N1} {0.5}");
    }
}
