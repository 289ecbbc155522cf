using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>What an evaluation found.</summary>
/// <param name="Loss">Mean over the validation examples; null where the workload has none, as where games are played.</param>
/// <param name="Metrics">By name: each that the workload announced.</param>
/// <param name="Spent">Multiply-adds of this evaluation.</param>
public sealed record EvaluationResult(double? Loss, IReadOnlyDictionary<string, double> Metrics, Macs Spent);
