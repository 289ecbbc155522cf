using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Language.Layers;

/// <summary>How recurrent networks begin.</summary>
internal static class RecurrentStart
{
    // Sutskever et al. 2014, section 3.4: uniform between -0.08 and 0.08, at width 1000; taken at every width.
    private const double Range = 0.08;

    /// <summary>
    /// Weights and biases uniform, and the forget gates of LSTMs open by 1 (Jozefowicz et al. 2015): a baseline that cannot remember would
    /// make everybody else look good.
    /// </summary>
    /// <param name="padding">Row of every embedding that stays zero; null where there is none.</param>
    public static void Apply(Module network, int? padding)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, weight) in network.named_parameters())
            init.uniform_(weight, -Range, Range);
        foreach (var lstm in network.modules().OfType<LSTM>())
            OpenForgetGates(lstm);
        if (padding is { } row)
        {
            foreach (var embedding in network.modules().OfType<Embedding>())
                embedding.weight!.narrow(0, row, 1).zero_();
        }
    }

    // The biases are of input, forget, cell and output gate, in this order; libtorch adds two of each.
    private static void OpenForgetGates(LSTM lstm)
    {
        foreach (var (name, bias) in lstm.named_parameters())
        {
            if (name.StartsWith("bias_ih", StringComparison.Ordinal))
                init.ones_(bias.narrow(0, bias.shape[0] / 4, bias.shape[0] / 4));
        }
    }
}
