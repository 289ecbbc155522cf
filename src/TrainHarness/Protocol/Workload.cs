namespace TrainHarness.Protocol;

/// <summary>What a study may name: the architectures and metrics of one kind of task.</summary>
/// <param name="MinimumSizes">Name of each architecture, with the least example size it takes.</param>
public sealed record Workload(IReadOnlyList<string> Metrics, IReadOnlyDictionary<string, int> MinimumSizes);
