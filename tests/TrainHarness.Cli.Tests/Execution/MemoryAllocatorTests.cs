using TrainHarness.Cli.Execution;

namespace TrainHarness.Cli.Tests.Execution;

public sealed class MemoryAllocatorTests
{
    private const string Preload = "LD_PRELOAD";
    private const string Library = "/usr/lib/libtcmalloc_minimal.so.4";

    [Fact]
    public void A_trial_starts_with_tcmalloc_where_the_system_has_it_and_else_with_a_glibc_that_keeps_freed_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "glibc");
        var (with, without) = (new Dictionary<string, string?>(), new Dictionary<string, string?>());
        MemoryAllocator.Choose(with, Library);
        MemoryAllocator.Choose(without, null);
        Assert.Equal(Library, with[Preload]);
        Assert.Equal("0", with["TCMALLOC_RELEASE_RATE"]);
        Assert.DoesNotContain(Preload, without.Keys);
        Assert.Equal("4000000000", without["MALLOC_MMAP_THRESHOLD_"]);
        MemoryAllocator.Forget(with);
        Assert.Empty(with);
    }

    [Fact]
    public void What_the_user_preloads_stays_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "glibc");
        var environment = new Dictionary<string, string?> { [Preload] = "/opt/mine.so" };
        MemoryAllocator.Choose(environment, Library);
        Assert.Equal("/opt/mine.so", environment[Preload]);
        Assert.DoesNotContain("TCMALLOC_RELEASE_RATE", environment.Keys);
    }

    [Fact]
    public void The_small_library_is_taken_before_the_one_with_a_profiler()
    {
        using var folder = new WorkFolder();
        Assert.Null(MemoryAllocator.Find([folder.Path]));
        folder.Write("libtcmalloc.so.4", "");
        Assert.Equal(folder["libtcmalloc.so.4"], MemoryAllocator.Find([folder["none"], folder.Path]));
        folder.Write("libtcmalloc_minimal.so.4", "");
        Assert.Equal(folder["libtcmalloc_minimal.so.4"], MemoryAllocator.Find([folder["none"], folder.Path]));
    }
}
