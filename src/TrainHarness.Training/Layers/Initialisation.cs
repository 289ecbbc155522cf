using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Layers;

/// <summary>
/// Other starts than torchvision's, which <see cref="Architecture.Build"/> gives. AlexNet's own leaves it on a plateau at chance on small
/// subsets.
/// </summary>
public static class Initialisation
{
    /// <summary>
    /// Weights of convolutions and linear layers from N(0, 2 / fan-in) (He et al. 2015, arXiv:1502.01852), those of the last such layer
    /// from N(0, 0.01²), and no biases; normalisation layers stay as they are. Draws from the global generator.
    /// </summary>
    /// <param name="lastBias">What the biases of the last layer start from.</param>
    public static void He(Module network, double lastBias = 0)
    {
        (Parameter Weight, Parameter? Bias)[] layers = [.. InOrder(network).Select(WeightsOf).OfType<(Parameter, Parameter?)>()];
        foreach (var (weight, bias) in layers)
        {
            init.kaiming_normal_(weight, mode: init.FanInOut.FanIn, nonlinearity: init.NonlinearityType.ReLU);
            if (bias is not null)
                init.zeros_(bias);
        }

        if (layers.Length == 0)
            return;
        var last = layers[^1];
        Normal(last.Weight, 0.01);
        if (last.Bias is null)
            return;
        using Scalar start = lastBias;
        init.constant_(last.Bias, start);
    }

    /// <summary>
    /// Weights of convolutions from N(0, 2 / fan-out), fan-out counted over all groups, and no biases: what most of torchvision starts
    /// from.
    /// </summary>
    /// <param name="withBiases">False leaves biases as PyTorch makes them.</param>
    public static void KaimingConvolutions(Module network, bool withBiases = true)
    {
        foreach (var convolution in network.modules().OfType<Conv2d>())
        {
            init.kaiming_normal_(convolution.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
            if (withBiases && convolution.bias is { } bias)
                init.zeros_(bias);
        }
    }

    /// <summary>Weights of convolutions uniform with variance 2 / fan-in (arXiv:1502.01852), and no biases.</summary>
    public static void KaimingUniformConvolutions(Module network)
    {
        foreach (var convolution in network.modules().OfType<Conv2d>())
        {
            init.kaiming_uniform_(convolution.weight!);
            if (convolution.bias is { } bias)
                init.zeros_(bias);
        }
    }

    /// <summary>
    /// From N(0, deviation²). torchvision cuts at ±2, tens of deviations away; TorchSharp's way of cutting leaves infinities.
    /// </summary>
    public static void Normal(Tensor weight, double deviation)
    {
        if (!Weighted.IsUnfilled)
            init.normal_(weight, mean: 0, std: deviation);
    }

    /// <summary>Weights of linear layers from N(0, deviation²), and no biases.</summary>
    public static void NormalLinears(Module network, double deviation)
    {
        foreach (var linear in network.modules().OfType<Linear>())
        {
            Normal(linear.weight!, deviation);
            init.zeros_(linear.bias!);
        }
    }

    /// <summary>Weights of convolutions from N(0, deviation²), and no biases.</summary>
    public static void NormalConvolutions(Module network, double deviation)
    {
        foreach (var convolution in network.modules().OfType<Conv2d>())
        {
            Normal(convolution.weight!, deviation);
            init.zeros_(convolution.bias!);
        }
    }

    // modules() lists level by level, so that a head directly below the network would come before the layers inside its blocks.
    private static IEnumerable<Module> InOrder(Module module) => module.children().SelectMany(InOrder).Prepend(module);

    private static (Parameter Weight, Parameter? Bias)? WeightsOf(Module module) =>
        module switch
        {
            Convolution convolution => (convolution.weight!, convolution.bias),
            Linear linear => (linear.weight!, linear.bias),
            _ => null,
        };
}
