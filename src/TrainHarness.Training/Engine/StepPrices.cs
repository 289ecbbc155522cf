using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

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

    /// <summary>
    /// Prices one call of the objective on a blank batch of every shape, by what runs through the layers, and holds it against what libtorch's
    /// operators multiplied: forward for every shape, forward and backward for the one that costs the fewest multiply-adds.
    /// </summary>
    /// <exception cref="NotSupportedException">A layer has no formula, or multiplies more or less often than it is counted.</exception>
    public static StepPrices Of(TrainingTask task)
    {
        var shapes = task.Shapes.All;
        var isSeen = AreOperatorsSeen(task.Network);
        var costs = shapes.ToDictionary(shape => shape, shape => Price(task, shape, isSeen, backward: false));
        if (isSeen)
            Price(task, shapes.MinBy(shape => costs[shape].Training)!, isSeen, backward: true);
        return new StepPrices(costs, costs[shapes[0]]);
    }

    /// <summary>Modules that came with this program have been counted by their operators before; others are counted here or not at all.</summary>
    private static bool AreOperatorsSeen(nn.Module network)
    {
        if (NetworkPricer.OperatorsProblem is not { } problem)
            return true;
        return NetworkPricer.Foreign(network) is { } module
            ? throw new NotSupportedException($"{module.GetType().Name} is no layer of this program, so its products must be counted by operator, and {problem}.")
            : false;
    }

    private static NetworkCost Price(TrainingTask task, BatchShape shape, bool byOperators, bool backward)
    {
        Tensor Loss()
        {
            using var batch = task.Shapes.Blank(shape);
            return task.Objective.Loss(batch, new Random(1));
        }

        // Whoever brings an objective of his own may hide a second network in it.
        return byOperators
            ? NetworkPricer.PriceByOperators(task.Network, shape.Examples, Loss, backward, augments: task.Objective.GetType().Assembly == typeof(StepPrices).Assembly)
            : NetworkPricer.Price(task.Network, shape.Examples, () => Loss());
    }
}
