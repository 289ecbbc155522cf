using TrainHarness.Compute;

namespace TrainHarness.Training.Workloads;

/// <summary>What one training step of a network costs.</summary>
/// <param name="Cost">Of as many examples as ran.</param>
/// <param name="Parameters">Weights and biases.</param>
/// <param name="Sizes">Of the examples, for people: <c>windows of 64 units out of 20</c>.</param>
public sealed record StepCount(NetworkCost Cost, long Parameters, string Sizes);
