namespace TrainHarness.Training.Kernels;

/// <summary>What one kernel set computed, and the first thing that was wrong with it; null where nothing was.</summary>
public sealed record KernelFinding(string Kernels, KernelOutcome Outcome, string? Problem, IReadOnlyList<LayerErrors> Layers);
