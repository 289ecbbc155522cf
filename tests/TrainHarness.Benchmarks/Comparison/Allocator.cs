namespace TrainHarness.Benchmarks.Comparison;

/// <summary>
/// What glibc does with the memory of freed tensors. A trial of a study starts with environment variables for which it is kept; a program that is
/// started by hand gives it back to the system, and takes the page faults of the next step.
/// </summary>
internal enum Allocator
{
    /// <summary>Each side as its users start it: TrainHarness keeps it, Python does not.</summary>
    AsStarted,

    /// <summary>All sides keep it.</summary>
    Keep,

    /// <summary>All sides give it back.</summary>
    Default,
}
