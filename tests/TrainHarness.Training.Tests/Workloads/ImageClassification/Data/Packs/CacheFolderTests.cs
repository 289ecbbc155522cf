using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Packs;

/// <summary>Where packs lie when nobody says where.</summary>
public sealed class CacheFolderTests : IDisposable
{
    private static readonly string[] Variables = ["TRAINHARNESS_CACHE", "XDG_CACHE_HOME", "XDG_DATA_HOME"];

    private static readonly DatasetDescription Shapes = new()
    {
        Name = "shapes",
        Kind = DatasetKind.Synthetic,
        Path = null,
        Mean = [0.5, 0.5, 0.5],
        StandardDeviation = [0.25, 0.25, 0.25],
        Synthetic = new SyntheticDescription
        {
            Seed = 1,
            Classes = 2,
            TrainPerClass = 2,
            ValidationPerClass = 1,
        },
    };

    private readonly string?[] before = [.. Variables.Select(Environment.GetEnvironmentVariable)];
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        foreach (var (name, value) in Variables.Zip(before))
            Environment.SetEnvironmentVariable(name, value);
        folder.Dispose();
    }

    [Fact]
    public void The_first_variable_that_names_a_folder_decides()
    {
        var (own, xdg) = (Path.Combine(folder.Path, "own"), Path.Combine(folder.Path, "xdg"));
        Set(own, xdg);
        Assert.Equal(Path.Combine(own, "datasets"), DatasetPreparation.DefaultCacheFolder);
        Set(null, xdg);
        Assert.Equal(Path.Combine(xdg, "TrainHarness", "datasets"), DatasetPreparation.DefaultCacheFolder);
        // The specification has a relative path ignored.
        Set(null, "relative");
        Assert.EndsWith(Path.Combine("TrainHarness", "datasets"), DatasetPreparation.DefaultCacheFolder, StringComparison.Ordinal);
        Assert.DoesNotContain("relative", DatasetPreparation.DefaultCacheFolder, StringComparison.Ordinal);
        Set(null, null);
        Assert.EndsWith(Path.Combine("TrainHarness", "datasets"), DatasetPreparation.DefaultCacheFolder, StringComparison.Ordinal);
        Assert.Null(CacheFolder.Former);
    }

    [Fact]
    public void What_was_packed_before_XDG_CACHE_HOME_was_set_is_read_where_it_lies_and_what_is_new_goes_to_the_new_place()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "XDG_DATA_HOME moves the old place on Linux alone");
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName);
        Set(null, null);
        var old = Pack(16);
        Set(null, Path.Combine(folder.Path, "xdg"));

        Assert.Equal(old, Pack(16));
        Assert.StartsWith(Path.Combine(folder.Path, "xdg", "TrainHarness", "datasets"), Pack(24), StringComparison.Ordinal);
        Assert.True(DatasetPreparation.Measure(Shapes, Subset.Everything, 16, null, DatasetPreparation.DefaultCacheFolder).PackIsReady);
        Assert.Equal(
            2,
            DatasetPreparation.Verify(Shapes, null, DatasetPreparation.DefaultCacheFolder, TestContext.Current.CancellationToken).Count
        );
    }

    [Fact]
    public void A_cache_that_cannot_be_made_names_the_variable()
    {
        File.WriteAllText(Path.Combine(folder.Path, "file"), "");
        Set(Path.Combine(folder.Path, "file"), null);
        var error = Assert.Throws<ConfigurationException>(() => Pack(16));
        Assert.StartsWith(
            DatasetPreparation.DefaultCacheFolder + ": the cache cannot be written there (",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.EndsWith("); allowed: a folder of your own, named in TRAINHARNESS_CACHE.", error.Message, StringComparison.Ordinal);
    }

    private static void Set(string? own, string? xdg)
    {
        Environment.SetEnvironmentVariable("TRAINHARNESS_CACHE", own);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", xdg);
    }

    private static string Pack(int side)
    {
        using var pack = DatasetPreparation.OpenOrCreate(
            Shapes,
            Subset.Everything,
            side,
            null,
            DatasetPreparation.DefaultCacheFolder,
            verify: true,
            null,
            TestContext.Current.CancellationToken
        );
        return pack.FilePath;
    }
}
