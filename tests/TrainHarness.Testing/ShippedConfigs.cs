namespace TrainHarness.Testing;

/// <summary>What comes with the program under configs/.</summary>
internal static class ShippedConfigs
{
    public static string Folder { get; } = Path.Combine(Repository.Folder, "configs");
}
