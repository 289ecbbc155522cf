using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// Which parameters of a network are matrices between its inner layers: weights of linear and recurrent layers and of convolutions, a
/// filter a row; but no embedding, and not the last layer with weights, which makes the output (unless that is <see cref="ITiedOutput"/>).
/// </summary>
internal static class InnerMatrices
{
    /// <summary>The parameters that need a gradient, in the network's order, each with whether it is one.</summary>
    public static IReadOnlyList<(Parameter Parameter, bool IsInner)> Of(nn.Module network)
    {
        var modules = NetworkPricer.Modules(network).ToDictionary(layer => layer.Path, layer => layer.Module);
        List<(Parameter Parameter, nn.Module? Module)> all =
        [
            .. network
                .named_parameters()
                .Where(named => named.parameter.requires_grad)
                .Select(named => (named.parameter, modules.GetValueOrDefault(Owner(named.name)))),
        ];
        var last =
            network is ITiedOutput
                ? null
                : all.LastOrDefault(parameter =>
                    parameter.Module is Linear or Convolution || (parameter.Module is IPricedModule && parameter.Parameter.dim() > 1)
                ).Module;
        return
        [
            .. all.Select(parameter => (parameter.Parameter, IsMatrix(parameter.Parameter, parameter.Module) && parameter.Module != last)),
        ];
    }

    /// <summary>Rows and columns of a weight: the first dimension, and all others together.</summary>
    public static (long Rows, long Columns) Shape(Tensor weight) => (weight.shape[0], weight.numel() / weight.shape[0]);

    private static bool IsMatrix(Tensor weight, nn.Module? module) =>
        module switch
        {
            Embedding or EmbeddingBag => false,
            Convolution => weight.dim() > 2,
            IPricedModule => weight.dim() > 1 && IsWide(weight),
            _ => weight.dim() == 2 && IsWide(weight),
        };

    private static bool IsWide(Tensor weight) => Shape(weight) is { Rows: > 1, Columns: > 1 };

    private static string Owner(string name) => name.LastIndexOf('.') is >= 0 and var end ? name[..end] : "";
}
