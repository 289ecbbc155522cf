using TorchSharp.Modules;
using TrainHarness.Compute;
using static TorchSharp.torch;

namespace TrainHarness.Training.Compute;

/// <summary>Nominal multiply-adds of the layers that have any. Biases, normalisation, activations and pooling count nothing.</summary>
internal static class LayerFormulas
{
    private static readonly HashSet<Type> FreeKinds =
    [
        typeof(ReLU), typeof(ReLU6), typeof(LeakyReLU), typeof(SiLU), typeof(GELU), typeof(Sigmoid), typeof(Hardsigmoid), typeof(Hardswish), typeof(Tanh),
        typeof(Softmax), typeof(LogSoftmax),
        typeof(BatchNorm1d), typeof(BatchNorm2d), typeof(GroupNorm), typeof(LayerNorm), typeof(LocalResponseNorm),
        typeof(MaxPool2d), typeof(AvgPool2d), typeof(AdaptiveAvgPool2d), typeof(AdaptiveMaxPool2d),
        typeof(Dropout), typeof(Dropout2d), typeof(ZeroPad2d), typeof(ChannelShuffle), typeof(Flatten), typeof(Identity),
    ];

    /// <summary>Whether the module has multiply-adds of its own.</summary>
    /// <exception cref="NotSupportedException">A leaf that is in neither table: it would be counted as free.</exception>
    public static bool HasPrice(string name, nn.Module module)
    {
        if (module is Conv2d or Linear or IPricedModule)
            return true;
        if (module.children().Any() || module is Sequential or IUnpricedModule || FreeKinds.Contains(module.GetType()))
            return false;
        throw new NotSupportedException($"No multiply-add formula for {module.GetType().Name} ('{name}').");
    }

    /// <summary>The price of one run of a module for which <see cref="HasPrice"/> holds.</summary>
    public static LayerCost Price(string name, nn.Module module, LayerRun run) => Cost(name, module, run) with { Output = string.Join('×', run.Output.Skip(1)) };

    private static LayerCost Cost(string name, nn.Module module, LayerRun run) => module switch
    {
        IPricedModule priced => priced.Price(name, run),
        Conv2d convolution => WithWeight(name, "convolution", ConvolutionMacs(convolution, run), run, convolution.weight!) with { Operation = Worded(convolution) },
        Linear linear => WithWeight(name, "linear", Macs.Product([.. run.Output, linear.in_features]), run, linear.weight!),
        _ => throw new NotSupportedException($"No multiply-add formula for {module.GetType().Name} ('{name}')."),
    };

    // Each output element is a sum over the kernel and the input channels of its group; products with padding are counted.
    private static Macs ConvolutionMacs(Conv2d convolution, LayerRun run) =>
        Macs.Product([.. run.Output, .. convolution.weight!.shape.AsSpan(1)]);

    private static string Worded(Conv2d convolution)
    {
        var kernel = string.Join('×', convolution.weight!.shape[2..]);
        var stride = convolution.stride.Any(step => step != 1) ? $", stride {string.Join('×', convolution.stride.Distinct())}" : "";
        var groups = convolution.groups == 1 ? "" : convolution.groups == convolution.in_channels ? ", depthwise" : $", {convolution.groups} groups";
        return kernel + stride + groups;
    }

    // The products with respect to the input and to the weight are as many as the forward ones.
    private static LayerCost WithWeight(string name, string kind, Macs forward, LayerRun run, Tensor weight) =>
        new(name, kind, forward, run.NeedsGradInput ? forward : Macs.Zero, weight.requires_grad ? forward : Macs.Zero);
}
