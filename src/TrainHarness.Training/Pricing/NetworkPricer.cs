using TrainHarness.Compute;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Pricing;

/// <summary>Counts the multiply-adds of a network from the shapes that run through its layers.</summary>
public static class NetworkPricer
{
    /// <summary>What a pass over a batch of so many examples would cost, from one over none at all, on the CPU and in the network's present mode.</summary>
    /// <remarks>
    /// An empty batch has every shape but its own length, and costs nothing (libtorch has no shape-only convolution outside Python). The
    /// batch must therefore be a dimension of its own in whatever a layer with a price sees.
    /// </remarks>
    /// <param name="forward">Runs the pass once, over no examples.</param>
    /// <exception cref="NotSupportedException">A layer has no formula.</exception>
    public static NetworkCost PriceFromNone(Module network, int examples, Action forward)
    {
        using var preserved = new PreservedState(network);
        return new NetworkCost(examples, Costs(network, forward, run => run.ForBatch(examples)));
    }

    /// <summary>What one forward and one backward pass over <paramref name="input"/> <c>[N, …]</c> cost; see <see cref="Price(Module, int, Action)"/>.</summary>
    public static NetworkCost Price(Module<Tensor, Tensor> network, Tensor input) => Price(network, checked((int)input.shape[0]), () => network.call(input));

    /// <summary>
    /// What one forward pass, and the backward pass that follows from it, cost in the network's present mode and with its present
    /// <c>requires_grad</c> flags. Buffers and the CPU's generator are put back; a dropout on a CUDA device moves that device's generator on.
    /// </summary>
    /// <param name="examples">In the batch that the pass runs over.</param>
    /// <param name="forward">Runs the pass once. What it makes is disposed of.</param>
    /// <exception cref="NotSupportedException">A layer has no formula.</exception>
    /// <exception cref="InvalidOperationException">A layer with a price did not run although the network is in training mode.</exception>
    public static NetworkCost Price(Module network, int examples, Action forward)
    {
        using var preserved = new PreservedState(network);
        return new NetworkCost(examples, Costs(network, forward, run => run));
    }

    private static List<LayerCost> Costs(Module network, Action forward, Func<LayerRun, LayerRun> asItWillRun)
    {
        var priced = PricedModules(network);
        var costs = new List<LayerCost>();
        using var scope = NewDisposeScope();
        using var withGradients = enable_grad();
        var watches = new List<LayerWatch>();
        try
        {
            foreach (var (layer, name) in priced)
                watches.Add(new LayerWatch(name, layer, run => costs.Add(LayerFormulas.Price(name, layer, asItWillRun(run)))));
            forward();
        }
        finally
        {
            watches.ForEach(watch => watch.Dispose());
        }

        if (network.training)
            RequireAllRan(priced, costs);
        return costs;
    }

    private static Dictionary<Module, string> PricedModules(Module network)
    {
        var seen = new HashSet<Module>(ReferenceEqualityComparer.Instance);
        return WithPaths("", network)
            .Where(layer => seen.Add(layer.Module) && LayerFormulas.HasPrice(layer.Path, layer.Module))
            .ToDictionary(layer => layer.Module, layer => layer.Path);
    }

    private static IEnumerable<(string Path, Module Module)> WithPaths(string path, Module module) =>
        module.named_children()
            .SelectMany(child => WithPaths(path.Length == 0 ? child.name : $"{path}.{child.name}", child.module))
            .Prepend((path.Length == 0 ? module.GetName() : path, module));

    // A layer that was called by forward instead of call runs and is not seen.
    private static void RequireAllRan(IReadOnlyDictionary<Module, string> priced, List<LayerCost> costs)
    {
        var ran = costs.Select(cost => cost.Name).ToHashSet();
        var missing = priced.Values.Where(name => !ran.Contains(name)).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                "These layers never ran, or ran where no hook sees it (by forward instead of call, on a PackedSequence): "
                + $"{string.Join(", ", missing)}.");
        }
    }
}
