using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture SwinT { get; } =
        new(
            "swin_t",
            new DateOnly(2021, 3, 25),
            "arXiv:2103.14030",
            MinimumImageSize: 4,
            HasBatchNormalisation: false,
            options => new SwinTransformer(options, width: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24])
        )
        {
            HasDropPath = true,
        };
}

/// <summary>torchvision/models/swin_transformer.py (version 1).</summary>
internal sealed class SwinTransformer : Module<Tensor, Tensor>
{
    private const double OwnDropPath = 0.2;

    private readonly Sequential features;
    private readonly LayerNorm norm;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear head;

    /// <param name="width">Channels of the first stage; each later one has twice as many.</param>
    public SwinTransformer(NetworkOptions options, int width, int[] depths, int[] heads)
        : base(nameof(SwinTransformer))
    {
        List<Module<Tensor, Tensor>> layers =
        [
            Sequential(Weighted.Conv2d(3, width, 4, stride: 4), new Permute(0, 2, 3, 1), LayerNorm(width)),
        ];
        var rising = DropPath.Rising(depths.Sum(), options.DropPath ?? OwnDropPath);
        var before = 0;
        for (var stage = 0; stage < depths.Length; stage++)
        {
            var (channels, first, own) = (width << stage, before, heads[stage]);
            layers.Add(
                Sequential(
                    Enumerable
                        .Range(0, depths[stage])
                        .Select(block =>
                            (Module<Tensor, Tensor>)new SwinBlock(channels, own, isShifted: block % 2 == 1, rising[first + block])
                        )
                )
            );
            if (stage < depths.Length - 1)
                layers.Add(new PatchMerging(channels));
            before += depths[stage];
        }

        features = Sequential(layers);
        var last = width << (depths.Length - 1);
        norm = LayerNorm(last);
        head = Weighted.Linear(last, options.Classes);
        RegisterComponents();
        foreach (var linear in modules().OfType<Linear>())
        {
            Initialisation.Normal(linear.weight!, 0.02);
            if (linear.bias is { } bias)
                init.zeros_(bias);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = norm.call(features.call(input)).permute(0, 3, 1, 2);
        return head.call(avgpool.call(x).flatten(1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Makes one token of each 2×2: <c>[N, H, W, C]</c> to <c>[N, ⌈H/2⌉, ⌈W/2⌉, 2C]</c> (section 3.1).</summary>
internal sealed class PatchMerging : Module<Tensor, Tensor>
{
    private readonly Linear reduction;
    private readonly LayerNorm norm;

    public PatchMerging(int channels)
        : base(nameof(PatchMerging))
    {
        reduction = Weighted.Linear(4 * channels, 2 * channels, hasBias: false);
        norm = LayerNorm(4 * channels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = functional.pad(input, [0, 0, 0, input.shape[2] % 2, 0, input.shape[1] % 2]);
        Tensor Corner(long row, long column) =>
            x[TensorIndex.Colon, TensorIndex.Slice(row, null, 2), TensorIndex.Slice(column, null, 2), TensorIndex.Colon];
        x = cat([Corner(0, 0), Corner(1, 0), Corner(0, 1), Corner(1, 1)], -1);
        return reduction.call(norm.call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>Windowed attention and a feed-forward block, each behind a normalisation and beside a shortcut.</summary>
internal sealed class SwinBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly WindowAttention attn;
    private readonly DropPath stochastic_depth;
    private readonly LayerNorm norm2;
    private readonly Sequential mlp;

    public SwinBlock(int channels, int heads, bool isShifted, double dropPath)
        : base(nameof(SwinBlock))
    {
        norm1 = LayerNorm(channels);
        attn = new WindowAttention(channels, heads, isShifted);
        stochastic_depth = new DropPath(dropPath);
        norm2 = LayerNorm(channels);
        mlp = Sequential(Weighted.Linear(channels, 4 * channels), GELU(), Identity(), Weighted.Linear(4 * channels, channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.Plus(stochastic_depth.call(attn.call(norm1.call(input))));
        return x.Plus(stochastic_depth.call(mlp.call(norm2.call(x)))).MoveToOuterDisposeScope();
    }
}
