namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>
/// How much managed memory this process may take once it reads files with a library that makes room for whatever they claim. Past it an
/// allocation is an <see cref="OutOfMemoryException"/>, and not the end of the machine.
/// </summary>
internal static class MemoryBound
{
    private const long MaxBytes = 3L << 30;

    // Set once and kept: a bound that is lifted and set anew would grow by what is not collected yet.
    private static readonly Lazy<long> Bytes = new(Set);

    /// <summary>Sets the bound, the first time.</summary>
    /// <returns>How much there is beside what was taken before, in bytes.</returns>
    public static long Hold() => Bytes.Value;

    private static long Set()
    {
        var memory = GC.GetGCMemoryInfo();
        var bytes = Math.Min(MaxBytes, memory.TotalAvailableMemoryBytes / 2);
        AppContext.SetData("GCHeapHardLimit", (ulong)Math.Min(memory.TotalCommittedBytes + bytes, memory.TotalAvailableMemoryBytes));
        GC.RefreshMemoryLimit();
        return bytes;
    }
}
