namespace TrainHarness.Training.Native.Kernels;

/// <summary>Which of its kernels oneDNN convolves by on a CPU.</summary>
/// <param name="Name">As in TRAINHARNESS_KERNELS and in a verdict.</param>
/// <param name="MaxIsa">Of ONEDNN_MAX_CPU_ISA; null where oneDNN may use every instruction of the processor.</param>
/// <param name="TellsCaches">Whether oneDNN is told how large the caches are.</param>
public sealed record KernelSet(string Name, string? MaxIsa, bool TellsCaches)
{
    public static KernelSet ToldCaches { get; } = new("told-caches", null, true);

    public static KernelSet Own { get; } = new("own", null, false);

    public static KernelSet Avx2 { get; } = new("avx2", "AVX2", false);

    public static KernelSet Avx { get; } = new("avx", "AVX", false);

    /// <summary>libtorch's own kernels, which are those of nobody's caches and take the most time.</summary>
    public static KernelSet WithoutOneDnn { get; } = new("no-onednn", null, false) { UsesOneDnn = false };

    public static IReadOnlyList<KernelSet> FastestFirst { get; } = [ToldCaches, Own, Avx2, Avx, WithoutOneDnn];

    public bool UsesOneDnn { get; private init; } = true;

    /// <returns>Null where there is none of that name.</returns>
    public static KernelSet? ByName(string name) => FastestFirst.FirstOrDefault(set => set.Name == name);
}
