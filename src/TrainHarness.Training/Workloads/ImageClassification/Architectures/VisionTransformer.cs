using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture VitB16 { get; } =
        new(
            "vit_b_16",
            new DateOnly(2020, 10, 22),
            "arXiv:2010.11929",
            MinimumImageSize: 16,
            HasBatchNormalisation: false,
            options => new VisionTransformer(options, patch: 16, layers: 12, heads: 12, width: 768, hidden: 3072)
        )
        {
            ImageSizeMultiple = 16,
            HasDropPath = true,
        };
}

/// <summary>
/// torchvision/models/vision_transformer.py. Drop-path, which torchvision's lacks, is off unless a recipe asks for it (arXiv:2012.12877).
/// </summary>
internal sealed class VisionTransformer : Module<Tensor, Tensor>
{
    private readonly Conv2d conv_proj;
    private readonly Parameter class_token;
    private readonly TransformerEncoder encoder;
    private readonly Sequential heads;

    /// <param name="patch">Side of a patch in pixels.</param>
    /// <param name="width">Channels of a token.</param>
    /// <param name="hidden">Channels inside a feed-forward block.</param>
    public VisionTransformer(NetworkOptions options, int patch, int layers, int heads, int width, int hidden)
        : base(nameof(VisionTransformer))
    {
        var tokens = (options.ImageSize / patch * (options.ImageSize / patch)) + 1;
        conv_proj = Weighted.Conv2d(3, width, patch, stride: patch);
        class_token = Parameter(zeros(1, 1, width));
        encoder = new TransformerEncoder(tokens, layers, heads, width, hidden, options.DropPath ?? 0);
        var head = Weighted.Linear(width, options.Classes);
        this.heads = Sequential(("head", head));
        RegisterComponents();
        Initialisation.Normal(conv_proj.weight!, Math.Sqrt(1.0 / (3 * patch * patch)));
        init.zeros_(conv_proj.bias!);
        init.zeros_(head.weight!);
        init.zeros_(head.bias!);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var patches = conv_proj.call(input).flatten(2).transpose(1, 2);
        var tokens = cat([class_token.expand(patches.shape[0], -1, -1), patches], 1);
        return heads.call(encoder.call(tokens).select(1, 0)).MoveToOuterDisposeScope();
    }
}

/// <summary>Learnt positions, layers, and a last normalisation. Tokens <c>[N, tokens, width]</c> in and out.</summary>
internal sealed class TransformerEncoder : Module<Tensor, Tensor>
{
    private readonly Parameter pos_embedding;
    private readonly Sequential layers;
    private readonly LayerNorm ln;

    public TransformerEncoder(int tokens, int layers, int heads, int width, int hidden, double dropPath)
        : base(nameof(TransformerEncoder))
    {
        pos_embedding = Parameter(empty(1, tokens, width));
        Initialisation.Normal(pos_embedding, 0.02);
        var rising = DropPath.Rising(layers, dropPath);
        this.layers = Sequential(
            Enumerable
                .Range(0, layers)
                .Select(layer =>
                    ($"encoder_layer_{layer}", (Module<Tensor, Tensor>)new TransformerLayer(heads, width, hidden, rising[layer]))
                )
        );
        ln = LayerNorm(width, eps: 1e-6);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return ln.call(layers.call(input.Plus(pos_embedding))).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention and a feed-forward block, each behind a normalisation and beside a shortcut.</summary>
internal sealed class TransformerLayer : Module<Tensor, Tensor>
{
    private readonly LayerNorm ln_1;
    private readonly SelfAttention self_attention;
    private readonly LayerNorm ln_2;
    private readonly Sequential mlp;
    private readonly DropPath stochastic_depth;

    public TransformerLayer(int heads, int width, int hidden, double dropPath)
        : base(nameof(TransformerLayer))
    {
        ln_1 = LayerNorm(width, eps: 1e-6);
        self_attention = new SelfAttention(heads, width);
        ln_2 = LayerNorm(width, eps: 1e-6);
        mlp = Sequential(Weighted.Linear(width, hidden), GELU(), Identity(), Weighted.Linear(hidden, width));
        stochastic_depth = new DropPath(dropPath);
        RegisterComponents();
        foreach (var linear in mlp.modules().OfType<Linear>())
        {
            init.xavier_uniform_(linear.weight!);
            init.normal_(linear.bias!, mean: 0, std: 1e-6);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.Plus(stochastic_depth.call(self_attention.call(ln_1.call(input))));
        return x.Plus(stochastic_depth.call(mlp.call(ln_2.call(x)))).MoveToOuterDisposeScope();
    }
}

/// <summary>Multi-head self-attention (arXiv:1706.03762, section 3.2) over tokens <c>[N, tokens, width]</c>.</summary>
internal sealed class SelfAttention : Module<Tensor, Tensor>, IPricedModule
{
    private readonly Linear in_proj;
    private readonly Linear out_proj;
    private readonly int heads;

    public SelfAttention(int heads, int width)
        : base(nameof(SelfAttention))
    {
        this.heads = heads;
        in_proj = Weighted.Linear(width, 3 * width);
        out_proj = Weighted.Linear(width, width);
        RegisterComponents();
        init.xavier_uniform_(in_proj.weight!);
        init.zeros_(in_proj.bias!);
        init.zeros_(out_proj.bias!);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (batch, tokens, width) = (input.shape[0], input.shape[1], input.shape[2]);
        var projected = in_proj.call(input).view(batch, tokens, 3, heads, width / heads).permute(2, 0, 3, 1, 4).unbind(0);
        var attended = functional.scaled_dot_product_attention(projected[0], projected[1], projected[2]);
        return out_proj.call(attended.transpose(1, 2).reshape(batch, tokens, width)).MoveToOuterDisposeScope();
    }

    public LayerCost Price(string name, LayerRun run) =>
        AttentionProducts.Price(
            name,
            groups: run.Input[0],
            tokens: run.Input[1],
            width: run.Input[2],
            needsGradients: run.NeedsGradInput || in_proj.weight!.requires_grad
        );
}

/// <summary>The two matrix products of attention, which are no layers.</summary>
internal static class AttentionProducts
{
    /// <summary>
    /// Queries by keys and scores by values: <c>2·groups·tokens²·width</c> forward, over all heads. The gradients of the first factors
    /// stand under grad-input, those of the second ones, which take a weight's place, under grad-weight.
    /// </summary>
    /// <param name="groups">Sets of tokens that attend to each other: examples, or windows of all examples.</param>
    /// <param name="needsGradients">False where everything up to here is frozen.</param>
    public static LayerCost Price(string name, long groups, long tokens, long width, bool needsGradients)
    {
        var forward = Macs.Product(2, groups, tokens, tokens, width);
        var gradients = needsGradients ? forward : Macs.Zero;
        return new LayerCost(name, "attention", forward, gradients, gradients);
    }
}
