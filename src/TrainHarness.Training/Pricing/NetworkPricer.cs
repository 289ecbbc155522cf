using TrainHarness.Compute;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Trace;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Pricing;

/// <summary>Counts the multiply-adds of a network from the shapes that run through its layers.</summary>
public static class NetworkPricer
{
    /// <summary>
    /// What a pass over a batch of so many examples would cost, from one over none at all, on the CPU and in the network's present mode.
    /// </summary>
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

    /// <summary>
    /// What one forward and one backward pass over <paramref name="input"/> <c>[N, …]</c> cost; see
    /// <see cref="Price(Module, int, Action)"/>.
    /// </summary>
    public static NetworkCost Price(Module<Tensor, Tensor> network, Tensor input) =>
        Price(network, checked((int)input.shape[0]), () => network.call(input));

    /// <summary>
    /// What one forward pass, and the backward pass that follows from it, cost in the network's present mode and with its present
    /// <c>requires_grad</c> flags. Buffers and the CPU's generator are put back; a dropout on a CUDA device moves that device's generator
    /// on.
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

    /// <summary>
    /// The same of a whole step, with the operators that libtorch ran in it as a second opinion: they must multiply as often as the layers
    /// are counted, module by module, forward and backward, to the last digit. Gradients are put back as well.
    /// </summary>
    /// <param name="loss">Runs the forward pass once and gives a scalar.</param>
    /// <param name="backward">Whether the backward pass runs as well; without it the gradients are only priced.</param>
    /// <param name="augments">
    /// Whether products outside the network that no gradient flows through prepare its input, for which the protocol counts nothing.
    /// </param>
    /// <exception cref="NotSupportedException">
    /// A layer has no formula; an operator multiplies that no layer's price holds; or libtorch does not show its operators
    /// (<see cref="OperatorsProblem"/>).
    /// </exception>
    /// <exception cref="InvalidOperationException">See <see cref="Price(Module, int, Action)"/>.</exception>
    public static NetworkCost PriceByOperators(Module network, int examples, Func<Tensor> loss, bool backward = true, bool augments = false)
    {
        using var preserved = new PreservedState(network);
        using var gradients = new PreservedGradients(network);
        using var marks = new ModuleMarks(Modules(network));
        using var plain = Modules(network).Any(layer => LayerFormulas.IsRecurrent(layer.Module)) ? new PlainRecurrence() : null;
        var priced = PricedModules(network, operatorsAreSeen: true);
        List<SeenRun> runs = [];
        using var trace = OperatorTrace.Of(() => runs = Runs(priced, () =>
            {
                using var value = loss();
                if (backward && value.requires_grad)
                    value.backward();
            }));
        var cost = new NetworkCost(examples, Costs(network, priced, runs, run => run));
        OperatorCheck.Require(network, cost, OperatorCount.Of(trace, marks), backward, augments);
        return cost;
    }

    /// <summary>What a forward pass costs, by the operators as well where a module did not come with this program.</summary>
    /// <exception cref="NotSupportedException">See <see cref="PriceByOperators"/> and <see cref="Price(Module, int, Action)"/>.</exception>
    public static NetworkCost PriceForward(Module<Tensor, Tensor> network, Tensor input) =>
        PriceForward(network, checked((int)input.shape[0]), () => network.call(input));

    /// <summary>The same of whatever a network takes and gives.</summary>
    /// <param name="examples">In the batch that the pass runs over.</param>
    /// <param name="forward">Runs the pass once.</param>
    /// <exception cref="NotSupportedException">See <see cref="PriceByOperators"/> and <see cref="Price(Module, int, Action)"/>.</exception>
    public static NetworkCost PriceForward(Module network, int examples, Func<Tensor> forward) =>
        Foreign(network) is not null && OperatorsProblem is null
            ? PriceByOperators(network, examples, forward, backward: false)
            : Price(network, examples, () => forward());

    /// <summary>A module of a network that came neither with this program nor with TorchSharp; null where there is none.</summary>
    internal static Module? Foreign(Module network) =>
        Modules(network)
            .Select(layer => layer.Module)
            .FirstOrDefault(module =>
                module.GetType().Assembly != typeof(NetworkPricer).Assembly && module.GetType().Assembly != typeof(Module).Assembly
            );

    /// <summary>Why the operators of a step cannot be seen with the libtorch that is loaded; null where they can.</summary>
    public static string? OperatorsProblem => OperatorTrace.Problem;

    private static List<LayerCost> Costs(Module network, Action forward, Func<LayerRun, LayerRun> asItWillRun)
    {
        var priced = PricedModules(network, operatorsAreSeen: false);
        return Costs(network, priced, Runs(priced, forward), asItWillRun);
    }

    private static List<LayerCost> Costs(
        Module network,
        Dictionary<Module, string> priced,
        List<SeenRun> runs,
        Func<LayerRun, LayerRun> asItWillRun
    )
    {
        List<LayerCost> costs = [.. runs.Select(run => LayerFormulas.Price(run.Path, run.Layer, asItWillRun(run.Run)))];
        if (network.training)
            RequireAllRan(priced, costs);
        return costs;
    }

    /// <summary>Every run of a layer with a price, in their order.</summary>
    private static List<SeenRun> Runs(Dictionary<Module, string> priced, Action forward)
    {
        List<SeenRun> runs = [];
        using var scope = NewDisposeScope();
        using var withGradients = enable_grad();
        var watches = new List<LayerWatch>();
        try
        {
            foreach (var (layer, name) in priced)
                watches.Add(new LayerWatch(name, layer, run => runs.Add(new SeenRun(name, layer, run))));
            forward();
        }
        finally
        {
            watches.ForEach(watch => watch.Dispose());
        }

        return runs;
    }

    private static Dictionary<Module, string> PricedModules(Module network, bool operatorsAreSeen)
    {
        return Modules(network)
            .Where(layer => LayerFormulas.HasPrice(layer.Path, layer.Module, operatorsAreSeen))
            .ToDictionary(layer => layer.Module, layer => layer.Path);
    }

    /// <summary>Each once, by the first of its paths.</summary>
    internal static IEnumerable<(string Path, Module Module)> Modules(Module network)
    {
        var seen = new HashSet<Module>(ReferenceEqualityComparer.Instance);
        return WithPaths("", network).Where(layer => seen.Add(layer.Module));
    }

    private static IEnumerable<(string Path, Module Module)> WithPaths(string path, Module module) =>
        module
            .named_children()
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
                    + $"{string.Join(", ", missing)}."
            );
        }
    }

    private sealed record SeenRun(string Path, Module Layer, LayerRun Run);
}
