using TorchSharp.Modules;
using TrainHarness.Compute;

namespace TrainHarness.Training.Pricing;

/// <summary>Convolutions of one, two and three dimensions, and transposed ones.</summary>
internal static class ConvolutionFormulas
{
    /// <summary>
    /// Each output element of a convolution is a sum over the kernel and the input channels of its group; each input element of a
    /// transposed one goes, by the kernel, to the output channels of its group. Products with padding are counted.
    /// </summary>
    public static LayerCost Price(string name, Convolution convolution, LayerRun run)
    {
        var positions = convolution is ConvolutionTranspose ? run.Input : run.Output;
        var forward = Macs.Product([.. positions, .. convolution.weight!.shape.AsSpan(1)]);
        return LayerFormulas.WithWeight(name, "convolution", forward, run, convolution.weight!) with { Operation = Worded(convolution) };
    }

    private static string Worded(Convolution convolution)
    {
        var kernel = string.Join('×', convolution.weight!.shape[2..]);
        var transposed = convolution is ConvolutionTranspose ? ", transposed" : "";
        var stride = convolution.stride.Any(step => step != 1) ? $", stride {string.Join('×', convolution.stride.Distinct())}" : "";
        return kernel + transposed + stride + Groups(convolution);
    }

    private static string Groups(Convolution convolution) =>
        convolution.groups switch
        {
            1 => "",
            var groups when groups == convolution.in_channels => ", depthwise",
            var groups => $", {groups} groups",
        };
}
