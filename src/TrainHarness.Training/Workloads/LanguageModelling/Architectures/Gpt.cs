using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>
/// GPT-2 (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.3): normalisation before every block and
/// once at the end, GELU, learned positions, one embedding for what is read and for the output.
/// </summary>
/// <remarks>
/// nanoGPT's own form leaves out the biases of layers and normalisations and takes the exact GELU, which GPT-2 approximates by a tanh. Both
/// start as nanoGPT does: embeddings of words and of positions alike.
/// </remarks>
internal sealed class Gpt : LanguageModel, ITiedOutput
{
    // GPT-2's range; that of what is added to the residual stream falls with the number of such sums.
    private const double Deviation = 0.02;

    private readonly Embedding words;
    private readonly Embedding positions;
    private readonly ModuleList<GptBlock> blocks;
    private readonly LayerNorm norm;
    private readonly TiedProjection output;
    private readonly Dropout dropout;

    /// <param name="isPlain">nanoGPT's form.</param>
    public Gpt(LanguageModelOptions options, int count, int width, int heads, bool isPlain)
        : base(nameof(Gpt))
    {
        (words, positions) = (Embedding(options.Vocabulary, width), Embedding(options.Context, width));
        blocks = ModuleList([.. Enumerable.Range(0, count).Select(_ => new GptBlock(width, heads, isPlain, options.Dropout))]);
        norm = LayerNorm(width, bias: !isPlain);
        output = new TiedProjection();
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        Start(count);
    }

    private static LanguageArchitecture Gpt2(int count, int width, int heads) =>
        new($"gpt2_{count}x{width}", new DateOnly(2019, 2, 14), "Language Models are Unsupervised Multitask Learners", options => new Gpt(
            options,
            count,
            width,
            heads,
            isPlain: false
        ));

    private static LanguageArchitecture NanoGpt(int count, int width, int heads) =>
        new($"nanogpt_{count}x{width}", new DateOnly(2022, 12, 28), "github.com/karpathy/nanoGPT", options => new Gpt(
            options,
            count,
            width,
            heads,
            isPlain: true
        ));

    /// <summary>The sizes that can be trained: GPT-2's smallest is 12 × 768; nanoGPT's README has 4 × 128 and 6 × 384.</summary>
    public static IReadOnlyList<LanguageArchitecture> Members { get; } =
    [Gpt2(2, 64, 4), Gpt2(4, 128, 4), Gpt2(6, 384, 6), Gpt2(12, 768, 12), NanoGpt(4, 128, 4), NanoGpt(6, 384, 6)];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        using Scalar start = 0,
            end = input.shape[1],
            step = 1;
        var places = arange(start, end, step, dtype: ScalarType.Int64, device: input.device);
        var x = dropout.call(words.call(input).Plus(positions.call(places).unsqueeze(0)));
        var later = LaterMask.Of(input.shape[1], x.dtype, x.device);
        foreach (var block in blocks)
            x = block.call(x, later);
        return output.call(norm.call(x), words.weight!).MoveToOuterDisposeScope();
    }

    private void Start(int count)
    {
        using var noGradient = no_grad();
        foreach (var embedding in (Embedding[])[words, positions])
            init.normal_(embedding.weight!, 0, Deviation);
        foreach (var linear in modules().OfType<Linear>())
        {
            init.normal_(linear.weight!, 0, Deviation);
            if (linear.bias is { } bias)
                init.zeros_(bias);
        }

        foreach (var last in blocks.SelectMany(block => block.Residual))
            init.normal_(last.weight!, 0, Deviation / Math.Sqrt(2 * count));
    }
}

/// <summary>
/// Attention to what was before and a feed-forward block, each on what is normalised and added to what came in: <c>[N, T, width]</c> and a
/// mask.
/// </summary>
internal sealed class GptBlock : Module<Tensor, Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly HeadedAttention attention;
    private readonly LayerNorm norm2;
    private readonly Linear fc1;
    private readonly Linear fc2;
    private readonly GELU gelu;
    private readonly Dropout dropout;

    public GptBlock(int width, int heads, bool isPlain, double dropout)
        : base(nameof(GptBlock))
    {
        (norm1, norm2) = (LayerNorm(width, bias: !isPlain), LayerNorm(width, bias: !isPlain));
        attention = new HeadedAttention(width, heads, hasBias: !isPlain, dropout);
        (fc1, fc2) = (Linear(width, 4 * width, !isPlain), Linear(4 * width, width, !isPlain));
        gelu = isPlain ? GELU() : GELU(TorchSharp.Modules.GELU.Approximate.tanh, false);
        this.dropout = Dropout(dropout);
        RegisterComponents();
    }

    /// <summary>The layers whose outputs are added to what came in.</summary>
    public IEnumerable<Linear> Residual => [attention.Output, fc2];

    public override Tensor forward(Tensor input, Tensor later)
    {
        using var scope = NewDisposeScope();
        var normalised = norm1.call(input);
        var x = input.Plus(dropout.call(attention.call(normalised, normalised, later)));
        return x.Plus(dropout.call(fc2.call(gelu.call(fc1.call(norm2.call(x)))))).MoveToOuterDisposeScope();
    }
}
