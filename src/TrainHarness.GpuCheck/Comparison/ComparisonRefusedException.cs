namespace TrainHarness.GpuCheck.Comparison;

/// <summary>The sides do not do the same work, or one of them does none.</summary>
internal sealed class ComparisonRefusedException(string message) : Exception(message);
