using TrainHarness.Compute;
using static TorchSharp.torch;

namespace TrainHarness.Training.Compute;

/// <summary>
/// A module with multiply-adds of its own, beside those of its children: attention products, say, which are operators and no modules.
/// It must be a <c>Module&lt;Tensor, Tensor&gt;</c>.
/// </summary>
public interface IPricedModule
{
    /// <summary>What one pass over <paramref name="input"/> costs, forward and backward, without the children.</summary>
    /// <param name="name">The module's path in the network.</param>
    /// <param name="input">As it ran; whether it requires a gradient says whether grad-input is needed.</param>
    LayerCost Price(string name, Tensor input, Tensor output);
}
