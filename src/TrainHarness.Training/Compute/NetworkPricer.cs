using TrainHarness.Compute;
using TrainHarness.Training.Architectures;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Compute;

/// <summary>Counts the multiply-adds of a network from the shapes that run through its layers.</summary>
public static class NetworkPricer
{
    /// <summary>What one training step on a batch costs, as far as it is spent inside the network.</summary>
    /// <remarks>
    /// Runs two and three images through a twin on the CPU: a layer's count is a part for the step and a part for each image (libtorch has no
    /// shape-only convolution outside Python). No generator that anybody else uses moves on.
    /// </remarks>
    /// <param name="imageSize">Width and height in pixels.</param>
    /// <param name="batch">Images.</param>
    /// <exception cref="Protocol.ConfigurationException">The image is too small for the architecture.</exception>
    /// <exception cref="NotSupportedException">A layer has no formula.</exception>
    public static NetworkCost Price(Architecture architecture, int classes, int imageSize, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        architecture.RequireImageSize(imageSize);
        using var preserved = new PreservedState();
        using var twin = architecture.Build(new NetworkOptions(classes, imageSize));
        twin.train();
        return ForBatch(PriceZeros(twin, 2, imageSize), PriceZeros(twin, 3, imageSize), batch);
    }

    /// <summary>
    /// What one forward and one backward pass over <paramref name="input"/> <c>[N, …]</c> cost, in the network's present mode and with its present
    /// <c>requires_grad</c> flags. Buffers and the CPU's generator are put back; a dropout on a CUDA device moves that device's generator on.
    /// </summary>
    /// <exception cref="NotSupportedException">A layer has no formula.</exception>
    /// <exception cref="InvalidOperationException">A layer with a price did not run although the network is in training mode.</exception>
    public static NetworkCost Price(Module<Tensor, Tensor> network, Tensor input)
    {
        var priced = PricedModules(network);
        var costs = new List<LayerCost>();
        using (new PreservedState(network))
            Run(network, input, priced, costs);
        if (network.training)
            RequireAllRan(priced, costs);
        return new NetworkCost(checked((int)input.shape[0]), costs);
    }

    private static NetworkCost PriceZeros(Module<Tensor, Tensor> network, int batch, int imageSize)
    {
        using var images = zeros(batch, 3, imageSize, imageSize);
        return Price(network, images);
    }

    private static void Run(Module<Tensor, Tensor> network, Tensor input, IReadOnlyDictionary<Module, string> priced, List<LayerCost> costs)
    {
        using var scope = NewDisposeScope();
        using var withGradients = enable_grad();
        var hooks = priced.Select(layer => ((Module<Tensor, Tensor>)layer.Key).register_forward_hook((module, x, y) =>
        {
            costs.Add(LayerFormulas.Price(layer.Value, module, x, y));
            return y;
        })).ToList();
        try
        {
            network.call(input);
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }
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
            throw new InvalidOperationException($"These layers never ran, or ran by forward instead of call: {string.Join(", ", missing)}.");
    }

    private static NetworkCost ForBatch(NetworkCost two, NetworkCost three, int batch)
    {
        if (!two.Layers.Select(layer => layer.Name).SequenceEqual(three.Layers.Select(layer => layer.Name)))
            throw new InvalidOperationException("The layers that run depend on the number of images.");
        return new NetworkCost(batch, [.. two.Layers.Zip(three.Layers, (a, b) => ForBatch(a, b, batch))]);
    }

    private static LayerCost ForBatch(LayerCost two, LayerCost three, int batch) => two with
    {
        Forward = ForBatch(two.Forward, three.Forward, batch),
        GradInput = ForBatch(two.GradInput, three.GradInput, batch),
        GradWeight = ForBatch(two.GradWeight, three.GradWeight, batch),
    };

    private static Macs ForBatch(Macs two, Macs three, int batch)
    {
        var perImage = three - two;
        var perStep = two - (perImage * 2);
        return perStep + (perImage * batch);
    }
}
