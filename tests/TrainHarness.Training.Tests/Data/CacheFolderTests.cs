using TrainHarness.Training.Data;

namespace TrainHarness.Training.Tests.Data;

/// <summary>Where packs lie when nobody says where.</summary>
public sealed class CacheFolderTests
{
    [Fact]
    public void The_variable_names_the_root_of_the_cache()
    {
        string? before = Environment.GetEnvironmentVariable("TRAINHARNESS_CACHE");
        string root = Path.GetFullPath("some-cache");
        try
        {
            Environment.SetEnvironmentVariable("TRAINHARNESS_CACHE", root);
            Assert.Equal(Path.Combine(root, "datasets"), DatasetPreparation.DefaultCacheFolder);

            Environment.SetEnvironmentVariable("TRAINHARNESS_CACHE", null);
            Assert.EndsWith(Path.Combine("TrainHarness", "datasets"), DatasetPreparation.DefaultCacheFolder, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TRAINHARNESS_CACHE", before);
        }
    }
}
