namespace TrainHarness.GpuCheck.Comparison;

/// <summary>
/// What allocates the memory of tensors. A trial of a study starts with tcmalloc where the system has it, otherwise with a glibc that keeps
/// what was freed; a program that is started by hand gives it back to the system, and takes the page faults of the next step.
/// </summary>
internal enum Allocator
{
    /// <summary>Each side as its users start it.</summary>
    AsStarted,

    /// <summary>All sides as trials of a study.</summary>
    Keep,

    /// <summary>All sides as programs that are started by hand.</summary>
    Default,
}
