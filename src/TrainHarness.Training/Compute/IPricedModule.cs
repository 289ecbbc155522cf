using TrainHarness.Compute;

namespace TrainHarness.Training.Compute;

/// <summary>
/// A module with multiply-adds of its own, beside those of its children: attention products, say, which are operators and no modules.
/// It must be a <c>Module&lt;Tensor, Tensor&gt;</c>.
/// </summary>
public interface IPricedModule
{
    /// <summary>What one run costs, forward and backward, without the children.</summary>
    /// <param name="name">The module's path in the network.</param>
    LayerCost Price(string name, LayerRun run);
}
