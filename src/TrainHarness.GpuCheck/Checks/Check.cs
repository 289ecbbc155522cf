namespace TrainHarness.GpuCheck.Checks;

/// <summary>One thing to prove about a machine, in a process of its own.</summary>
/// <param name="What">In one line, for people.</param>
/// <param name="Seconds">How long it may take, of eight minutes for all.</param>
/// <param name="Run">Lines are told as they come. What it throws fails the check, and no other.</param>
internal sealed record Check(string Name, string What, int Seconds, Func<CheckRequest, IEnumerable<CheckLine>> Run)
{
    /// <summary>In the order they run; what has no limit on a GPU comes last.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        DoctorCheck.Check,
        LibtorchCheck.Check,
        SymbolsCheck.Check,
        DataPathCheck.Check,
        GradientsCheck.Check,
        ResumeCheck.Check,
        PrecisionCheck.Check,
        MemoryCheck.Check,
        GraphCheck.Check,
        StepTimeCheck.Eager,
        StepTimeCheck.Compiled,
        CountersCheck.Check,
    ];
}
