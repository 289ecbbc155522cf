using TrainHarness.Compute;
using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>Compares the prices of the layers with what the operators of the same step multiplied.</summary>
internal static class OperatorCheck
{
    private const int Shown = 4;

    /// <exception cref="NotSupportedException">They differ.</exception>
    public static void Require(nn.Module network, NetworkCost cost, OperatorCount count, bool withBackward, bool augments)
    {
        var layers = cost.Layers.ToLookup(layer => layer.Name);
        foreach (var path in layers.Select(layer => layer.Key).Union(count.Products.Keys))
        {
            var (forward, backward) = count.Products.GetValueOrDefault(path, ([], []));
            if (path != OperatorCount.Outside || !augments)
                Require(network, path, "forward", Macs.Sum(layers[path].Select(layer => layer.Forward)), forward);
            if (withBackward)
                Require(network, path, "backward", Macs.Sum(layers[path].Select(layer => layer.GradInput + layer.GradWeight)), backward);
        }
    }

    private static void Require(nn.Module network, string path, string pass, Macs priced, List<CountedProduct> products)
    {
        var multiplied = Macs.Sum(products.Select(product => product.Macs));
        if (multiplied == priced)
            return;
        var operators =
            products.Count == 0
                ? "no operator"
                : string.Join("; ", products.Take(Shown).Select(product => $"{product.Words} = {product.Macs}"));
        var more = products.Count > Shown ? $"; and {products.Count - Shown} more" : "";
        throw new NotSupportedException(
            $"{Named(network, path)} multiplies {multiplied} times in the {pass} pass by its operators, and is counted with {priced} "
                + $"({operators}{more}). {Advice(path, priced)}"
        );
    }

    private static string Named(nn.Module network, string path)
    {
        if (path == OperatorCount.Outside)
            return "What runs outside the network";
        var module = NetworkPricer.Modules(network).First(layer => layer.Path == path).Module;
        return $"'{path}' ({module.GetType().Name})";
    }

    private static string Advice(string path, Macs priced) =>
        path == OperatorCount.Outside ? "Move it into a module of the network."
        : priced == Macs.Zero
            ? $"Let it implement {nameof(IPricedModule)} and state these products, or build it from layers that have a formula, called "
                + $"by call."
        : "Its price must be that of its operators.";
}
