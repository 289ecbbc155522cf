using TrainHarness.Compute;

namespace TrainHarness.Training.Pricing;

/// <summary>
/// A module with multiply-adds of its own, beside those of its children: attention products, say, which are operators and no modules.
/// It may take any number of tensors; it must be called by <c>call</c>.
/// </summary>
public interface IPricedModule
{
    /// <summary>What one run costs, forward and backward, without the children.</summary>
    /// <param name="name">The module's path in the network.</param>
    LayerCost Price(string name, LayerRun run);
}
