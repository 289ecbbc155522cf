namespace TrainHarness.Training.Kernels;

/// <summary>What became of one kernel set.</summary>
public enum KernelOutcome
{
    /// <summary>Every result was right.</summary>
    Right,

    /// <summary>At least one was not.</summary>
    Wrong,

    /// <summary>The process that computed them ended before it was done.</summary>
    Crashed,

    /// <summary>It computed one layer for longer than any takes.</summary>
    Hung,

    /// <summary>This libtorch does not have it.</summary>
    Unavailable,
}
