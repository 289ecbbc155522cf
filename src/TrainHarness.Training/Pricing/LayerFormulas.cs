using TorchSharp.Modules;
using TrainHarness.Compute;
using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>Nominal multiply-adds of the layers that have any. Biases and whatever goes element by element count nothing.</summary>
internal static class LayerFormulas
{
    /// <summary>Whether the module has multiply-adds of its own.</summary>
    /// <param name="operatorsAreSeen">Whether a leaf that multiplies would be found by its operators, so that it need not be known.</param>
    /// <exception cref="NotSupportedException">A leaf that is in neither table, and would be counted as free.</exception>
    public static bool HasPrice(string name, nn.Module module, bool operatorsAreSeen)
    {
        if (module is IPricedModule or Convolution or Linear or RNN or GRU or LSTM or RNNCell or GRUCell or LSTMCell or MultiheadAttention)
            return true;
        if (operatorsAreSeen || module.children().Any() || module is IUnpricedModule || FreeLayers.Contain(module.GetType()))
            return false;
        throw Unknown(name, module);
    }

    /// <summary>The price of one run of a module for which <see cref="HasPrice"/> holds.</summary>
    public static LayerCost Price(string name, nn.Module module, LayerRun run)
    {
        var cost = Cost(name, module, run);
        return cost.Output.Length > 0 ? cost : cost with { Output = string.Join('×', run.Output.Skip(1)) };
    }

    /// <summary>Whether the module runs whole sequences through a recurrent layer.</summary>
    public static bool IsRecurrent(nn.Module module) => module is RNN or GRU or LSTM;

    // The products with respect to the input and to the weight are as many as the forward ones.
    internal static LayerCost WithWeight(string name, string kind, Macs forward, LayerRun run, Tensor weight) =>
        new(name, kind, forward, run.NeedsGradInput ? forward : Macs.Zero, weight.requires_grad ? forward : Macs.Zero);

    private static LayerCost Cost(string name, nn.Module module, LayerRun run) =>
        module switch
        {
            IPricedModule priced => priced.Price(name, run),
            Convolution convolution => ConvolutionFormulas.Price(name, convolution, run),
            Linear linear => WithWeight(name, "linear", Macs.Product([.. run.Output, linear.in_features]), run, linear.weight!),
            RNN or GRU or LSTM => RecurrentFormulas.Layer(name, module, run),
            RNNCell or GRUCell or LSTMCell => RecurrentFormulas.Cell(name, module, run),
            MultiheadAttention attention => AttentionFormulas.Price(name, attention, run),
            _ => throw Unknown(name, module),
        };

    private static NotSupportedException Unknown(string name, nn.Module module) =>
        new(
            $"No multiply-add formula for {module.GetType().Name} ('{name}'). "
                + $"Write it as a module of your own that implements {nameof(IPricedModule)}, or build it from layers that have a formula."
        );
}
