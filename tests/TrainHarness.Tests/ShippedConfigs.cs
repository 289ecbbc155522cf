namespace TrainHarness.Tests;

/// <summary>What comes with the program under configs/.</summary>
internal static class ShippedConfigs
{
    public static string Folder { get; } = Path.Combine(FolderAbove(AppContext.BaseDirectory), "configs");

    private static string FolderAbove(string folder) => File.Exists(Path.Combine(folder, "TrainHarness.sln"))
        ? folder
        : FolderAbove(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("TrainHarness.sln is not above the tests."));
}
