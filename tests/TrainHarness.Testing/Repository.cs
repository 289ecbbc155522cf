namespace TrainHarness.Testing;

/// <summary>The sources that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution, above the test's own output folder.</summary>
    public static string Folder { get; } = FolderAbove(AppContext.BaseDirectory);

    private static string FolderAbove(string folder) =>
        File.Exists(Path.Combine(folder, "TrainHarness.sln"))
            ? folder
            : FolderAbove(
                Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))
                    ?? throw new InvalidOperationException("TrainHarness.sln is not above the tests.")
            );
}
