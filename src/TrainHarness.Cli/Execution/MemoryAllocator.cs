namespace TrainHarness.Cli.Execution;

/// <summary>
/// How a trial's process allocates memory on Linux. A step makes and frees thousands of tensors of the same sizes, and glibc as it comes
/// spends a part of the step on them: tcmalloc takes less where the system has it, and glibc can be told to keep what was freed.
/// </summary>
internal static class MemoryAllocator
{
    private const string Preload = "LD_PRELOAD";
    private const string MapThreshold = "MALLOC_MMAP_THRESHOLD_";
    private const string KeepAll = "4000000000";
    private const string Library = "libtcmalloc";

    // gperftools, where Debian and Ubuntu, Fedora and its kin, and others keep it.
    private static readonly string[] Folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"];
    private static readonly string[] Names = [$"{Library}_minimal.so.4", $"{Library}.so.4"];

    /// <summary>Of tcmalloc; null where the system has none.</summary>
    public static string? Tcmalloc { get; } = OperatingSystem.IsLinux() ? Find(Folders) : null;

    /// <summary>What was chosen for this process, as in record.json; null where nothing was.</summary>
    public static string? OfThisProcess() =>
        !OperatingSystem.IsLinux() ? null
        : File.ReadLines("/proc/self/maps").Any(line => line.Contains($"/{Library}", StringComparison.Ordinal)) ? "tcmalloc"
        : Environment.GetEnvironmentVariable(MapThreshold) == KeepAll && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Preload))
            ? "keep-freed-memory"
        : null;

    /// <summary>Sets what a process is to start with. What the user has set stays.</summary>
    public static void Choose(IDictionary<string, string?> environment) => Choose(environment, Tcmalloc);

    /// <param name="tcmalloc">Null where there is none.</param>
    internal static void Choose(IDictionary<string, string?> environment, string? tcmalloc)
    {
        if (!OperatingSystem.IsLinux())
            return;
        // glibc gives every large tensor back to the system when it is freed and faults it in anew at the next step: a quarter of an
        // AlexNet step on a CPU, whose gradients alone are 230 MB. Of small blocks it keeps seven of a size at hand, and a step frees
        // hundreds, and the others it merges again and again: 5 and 2 % of a step of a tiny network. It reads these variables at start
        // only.
        environment.TryAdd(MapThreshold, KeepAll);
        environment.TryAdd("MALLOC_TRIM_THRESHOLD_", "8000000000");
        environment.TryAdd("GLIBC_TUNABLES", "glibc.malloc.tcache_count=200:glibc.malloc.mxfast=0");
        // The same with tcmalloc: 5 % of a step of ResNet-18, 15 % of one of a tiny network beyond that.
        if (tcmalloc is null || !environment.TryAdd(Preload, tcmalloc))
            return;
        environment.TryAdd("TCMALLOC_RELEASE_RATE", "0");
        environment.TryAdd("TCMALLOC_LARGE_ALLOC_REPORT_THRESHOLD", "1000000000000");
    }

    /// <summary>Takes back what was set for this process by the one that started it.</summary>
    public static void Forget(IDictionary<string, string?> environment)
    {
        foreach (
            var variable in (string[])
                [
                    MapThreshold,
                    "MALLOC_TRIM_THRESHOLD_",
                    "GLIBC_TUNABLES",
                    Preload,
                    "TCMALLOC_RELEASE_RATE",
                    "TCMALLOC_LARGE_ALLOC_REPORT_THRESHOLD",
                ]
        )
            environment.Remove(variable);
    }

    internal static string? Find(IEnumerable<string> folders) =>
        folders.SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}
