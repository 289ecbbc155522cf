using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture ConvNeXtTiny { get; } =
        new(
            "convnext_tiny",
            new DateOnly(2022, 1, 10),
            "arXiv:2201.03545",
            MinimumImageSize: 32,
            HasBatchNormalisation: false,
            options => new ConvNeXt(options, widths: [96, 192, 384, 768], depths: [3, 3, 9, 3])
        )
        {
            HasDropPath = true,
        };
}

/// <summary>torchvision/models/convnext.py.</summary>
internal sealed class ConvNeXt : Module<Tensor, Tensor>
{
    private const double OwnDropPath = 0.1;

    private readonly Sequential features;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Sequential classifier;

    public ConvNeXt(NetworkOptions options, int[] widths, int[] depths)
        : base(nameof(ConvNeXt))
    {
        List<Module<Tensor, Tensor>> layers = [Sequential(Weighted.Conv2d(3, widths[0], 4, stride: 4), new ChannelNorm(widths[0]))];
        var rising = DropPath.Rising(depths.Sum(), options.DropPath ?? OwnDropPath);
        var before = 0;
        for (var stage = 0; stage < widths.Length; stage++)
        {
            var (width, first) = (widths[stage], before);
            if (stage > 0)
                layers.Add(Sequential(new ChannelNorm(widths[stage - 1]), Weighted.Conv2d(widths[stage - 1], width, 2, stride: 2)));
            layers.Add(
                Sequential(
                    Enumerable
                        .Range(0, depths[stage])
                        .Select(block => (Module<Tensor, Tensor>)new ConvNeXtBlock(width, rising[first + block]))
                )
            );
            before += depths[stage];
        }

        features = Sequential(layers);
        classifier = Sequential(new ChannelNorm(widths[^1]), Flatten(1), Weighted.Linear(widths[^1], options.Classes));
        RegisterComponents();
        var weights = modules()
            .OfType<Conv2d>()
            .Select(layer => (layer.weight!, layer.bias!))
            .Concat(modules().OfType<Linear>().Select(layer => (layer.weight!, layer.bias!)));
        foreach (var (weight, bias) in weights)
        {
            Initialisation.Normal(weight, 0.02);
            init.zeros_(bias);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input))).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// A depthwise 7×7 convolution, normalisation, and two linear layers over the channels, scaled channel by channel, beside a shortcut.
/// </summary>
internal sealed class ConvNeXtBlock : Module<Tensor, Tensor>
{
    private static readonly Scalar FirstScale = 1e-6;

    private readonly Sequential block;
    private readonly Parameter layer_scale;
    private readonly DropPath stochastic_depth;

    public ConvNeXtBlock(int width, double dropPath)
        : base(nameof(ConvNeXtBlock))
    {
        block = Sequential(
            Weighted.Conv2d(width, width, 7, padding: 3, groups: width),
            new Permute(0, 2, 3, 1),
            LayerNorm(width, eps: 1e-6),
            Weighted.Linear(width, 4 * width),
            GELU(),
            Weighted.Linear(4 * width, width),
            new Permute(0, 3, 1, 2)
        );
        layer_scale = Parameter(full([width, 1, 1], FirstScale));
        stochastic_depth = new DropPath(dropPath);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.Plus(stochastic_depth.call(layer_scale * block.call(input))).MoveToOuterDisposeScope();
    }
}

/// <summary>Layer normalisation over the channels of <c>[N, C, H, W]</c>, at each place by itself.</summary>
internal sealed class ChannelNorm : Module<Tensor, Tensor>, IUnpricedModule
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public ChannelNorm(int channels)
        : base(nameof(ChannelNorm))
    {
        weight = Parameter(ones(channels));
        bias = Parameter(zeros(channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var last = functional.layer_norm(input.permute(0, 2, 3, 1), [weight.shape[0]], weight, bias, 1e-6);
        return last.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
