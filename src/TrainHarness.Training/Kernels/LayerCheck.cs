using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Kernels;

/// <summary>One layer computed as a trial computes it, and in double precision, for which libtorch does not use oneDNN.</summary>
internal static class LayerCheck
{
    public static LayerErrors Run(CheckedLayer layer, Precision precision, MemoryFormat format)
    {
        using var scope = NewDisposeScope();
        using var withGradients = enable_grad();
        using var x = Rounded(randn([.. layer.Input]), precision);
        using var w = Rounded(randn([.. layer.Weight]), precision);
        using var b = layer.HasBias ? Rounded(randn(layer.Weight[0]), precision) : null;
        var single = Results(layer, x, w, b, null, precision, format);
        var exact = Results(
            layer,
            x.to_type(ScalarType.Float64),
            w.to_type(ScalarType.Float64),
            b?.to_type(ScalarType.Float64),
            single.Direction,
            Precision.Fp32,
            format
        );
        // Each output sums over the kernel, each element of an input's gradient over the outputs of its group, of a weight's over images
        // and places.
        var forward = Product(layer.Weight.Skip(1));
        var places = Product(single.Output.shape) / layer.Weight[0];
        var gradInput = forward / layer.Weight[1] * layer.Weight[0] / layer.Groups;
        (string Name, Tensor? Of, Tensor? Exact, double Terms)[] compared =
        [
            ("forward", single.Output, exact.Output, forward),
            ("grad-input", single.GradInput, exact.GradInput, gradInput),
            ("grad-weight", single.GradWeight, exact.GradWeight, places),
            ("grad-bias", single.GradBias, exact.GradBias, places),
        ];
        var errors = compared.Select(result => result.Of is null ? (double?)null : Error(result.Of, result.Exact!)).ToArray();
        return new LayerErrors
        {
            Layer = layer.Name,
            Shape = layer.Shape,
            Forward = errors[0]!.Value,
            GradInput = errors[1],
            GradWeight = errors[2],
            GradBias = errors[3],
            Wrong = compared
                .Zip(errors)
                .Where(pair => pair.Second is { } error && !(error <= Tolerance.Of(precision, pair.First.Terms)))
                .Select(pair =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{pair.First.Name} of {layer.Name} ({layer.Shape}) is off by {pair.Second:G2}; allowed: "
                            + $"{Tolerance.Of(precision, pair.First.Terms):G2}"
                    )
                )
                .FirstOrDefault(),
        };
    }

    private sealed record Answers(Tensor Output, Tensor Direction, Tensor? GradInput, Tensor? GradWeight, Tensor? GradBias);

    /// <param name="direction">Of the backward pass; null draws one.</param>
    private static Answers Results(
        CheckedLayer layer,
        Tensor x,
        Tensor w,
        Tensor? b,
        Tensor? direction,
        Precision precision,
        MemoryFormat format
    )
    {
        var isLast = format == MemoryFormat.ChannelsLast && layer.IsConvolution;
        var input = (isLast ? ChannelsLast.Of(x) : x).detach().requires_grad_(layer.NeedsGradInput);
        var weight = (isLast ? ChannelsLast.Of(w) : w).detach().requires_grad_(layer.IsTrained);
        var bias = b?.detach().requires_grad_(layer.IsTrained);
        using var evaluates = layer.IsTrained || layer.NeedsGradInput ? null : no_grad();
        Tensor output;
        using (precision == Precision.Bf16 ? new Autocast(x.device_type) : null)
            output = Output(layer, input, weight, bias);
        // What follows a layer in channels-last answers in the same order.
        direction ??= Rounded(isLast ? ChannelsLast.Of(randn(output.shape)) : randn(output.shape), precision).to_type(output.dtype);
        if (output.requires_grad)
            output.backward([direction.to_type(output.dtype)]);
        return new Answers(output.detach(), direction, input.grad, weight.grad, bias?.grad);
    }

    private static Tensor Output(CheckedLayer layer, Tensor x, Tensor w, Tensor? b) =>
        layer.IsConvolution ? conv2d(x, w, b, [.. layer.Stride], [.. layer.Padding], [.. layer.Dilation], layer.Groups) : linear(x, w, b);

    // Autocast would round on one side only.
    private static Tensor Rounded(Tensor values, Precision precision) =>
        precision == Precision.Bf16 ? values.to_type(ScalarType.BFloat16).to_type(ScalarType.Float32) : values;

    private static double Error(Tensor result, Tensor exact)
    {
        using var scope = NewDisposeScope();
        return ((result.to_type(ScalarType.Float64) - exact).abs().max() / exact.abs().max()).item<double>();
    }

    private static double Product(IEnumerable<long> sizes) => sizes.Aggregate(1.0, (product, size) => product * size);
}
