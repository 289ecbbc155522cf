using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Optimizers;
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
    public NetworkCost this[BatchShape shape] =>
        costs.TryGetValue(shape, out var cost)
            ? cost
            : throw new InvalidOperationException(
                $"A batch of shape {shape} came, which the workload did not announce: what it costs is not known. Announced: "
                    + $"{string.Join(", ", costs.Keys)}."
            );

    /// <summary>
    /// Prices one call of the objective on a blank batch of every shape, by what runs through the layers. Where a module, or the objective,
    /// did not come with this program, libtorch's operators are counted as well, and must agree: forward for every shape, forward and
    /// backward for the one that costs the fewest multiply-adds. What came with it has been counted so in its tests.
    /// </summary>
    /// <param name="optimizer">
    /// Of the recipe. The products of matrices in an update are charged to every step, with those for gradients of weights.
    /// </param>
    /// <exception cref="NotSupportedException">
    /// A layer has no formula, or multiplies more or less often than it is counted; or nobody can see whether it does.
    /// </exception>
    public static StepPrices Of(TrainingTask task, OptimizerRule optimizer)
    {
        var shapes = task.Shapes.All;
        var byOperators = Foreign(task) is { } type && RequireSeen(type);
        var costs = shapes.ToDictionary(shape => shape, shape => Price(task, shape, byOperators, backward: false));
        if (byOperators)
            Price(task, shapes.MinBy(shape => costs[shape].Training)!, byOperators, backward: true);
        if (Optimizer.Price(optimizer, task.Network) is var update && update != Macs.Zero)
            costs = costs.ToDictionary(cost => cost.Key, cost => With(cost.Value, update));
        return new StepPrices(costs, costs[shapes[0]]);
    }

    private static NetworkCost With(NetworkCost step, Macs update) =>
        new(step.Examples, [.. step.Layers, new LayerCost("optimizer", "optimizer", Macs.Zero, Macs.Zero, update)]);

    private static Type? Foreign(TrainingTask task) =>
        NetworkPricer.Foreign(task.Network)?.GetType() ?? (IsShipped(task.Objective) ? null : task.Objective.GetType());

    private static bool IsShipped(object part) => part.GetType().Assembly == typeof(StepPrices).Assembly;

    private static bool RequireSeen(Type type) =>
        NetworkPricer.OperatorsProblem is not { } problem
            ? true
            : throw new NotSupportedException(
                $"{type.Name} did not come with this program, so its products must be counted by operator, and {problem}."
            );

    private static NetworkCost Price(TrainingTask task, BatchShape shape, bool byOperators, bool backward)
    {
        Tensor Loss()
        {
            using var batch = task.Shapes.Blank(shape);
            return task.Objective.Loss(batch, new Random(1));
        }

        // Whoever brings an objective of his own may hide a second network in it.
        return byOperators
            ? NetworkPricer.PriceByOperators(task.Network, shape.Examples, Loss, backward, augments: IsShipped(task.Objective))
            : NetworkPricer.Price(task.Network, shape.Examples, () => Loss());
    }
}
