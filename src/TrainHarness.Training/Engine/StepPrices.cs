using TrainHarness.Compute;
using TrainHarness.Training.Pricing;

namespace TrainHarness.Training.Engine;

/// <summary>What a step costs on a batch of each shape that was announced.</summary>
public sealed class StepPrices
{
    private readonly Dictionary<BatchShape, NetworkCost> costs;

    private StepPrices(Dictionary<BatchShape, NetworkCost> costs, NetworkCost ofFullBatch)
    {
        this.costs = costs;
        OfFullBatch = ofFullBatch;
    }

    public NetworkCost OfFullBatch { get; }

    /// <exception cref="InvalidOperationException">No batch of this shape was announced, so that nobody knows what it costs.</exception>
    public NetworkCost this[BatchShape shape] => costs.TryGetValue(shape, out var cost)
        ? cost
        : throw new InvalidOperationException($"A batch of shape {shape} came, which the workload did not announce: what it costs is not known. Announced: {string.Join(", ", costs.Keys)}.");

    /// <summary>Prices one call of the objective on a blank batch of every shape, by what runs through the layers.</summary>
    /// <exception cref="NotSupportedException">A layer has no formula.</exception>
    public static StepPrices Of(TrainingTask task)
    {
        var shapes = task.Shapes.All;
        var costs = shapes.ToDictionary(shape => shape, shape => Price(task, shape));
        return new StepPrices(costs, costs[shapes[0]]);
    }

    private static NetworkCost Price(TrainingTask task, BatchShape shape) => NetworkPricer.Price(task.Network, shape.Examples, () =>
    {
        using var batch = task.Shapes.Blank(shape);
        task.Objective.Loss(batch, new Random(1));
    });
}
