using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>
/// LLaMA (Touvron et al. 2023, arXiv:2302.13971, section 2.2): RMSNorm before every block and at the end, positions that turn queries and
/// keys (arXiv:2104.09864), a feed-forward block with a gate (arXiv:2002.05202), no biases, and an output of its own.
/// </summary>
internal sealed class Llama : LanguageModel
{
    private const double Deviation = 0.02;

    // The inner width of a feed-forward block is 8/3 of the outer one, rounded up to a multiple: of 256 in the paper, whose widths are
    // larger.
    private const int Multiple = 32;

    private readonly Embedding words;
    private readonly ModuleList<LlamaBlock> blocks;
    private readonly RootMeanSquareNorm norm;
    private readonly Linear output;
    private readonly Dropout dropout;
    private readonly PositionTable angles;

    public Llama(LanguageModelOptions options, int count, int width, int heads)
        : base(nameof(Llama))
    {
        var hidden = ((8 * width / 3) + Multiple - 1) / Multiple * Multiple;
        angles = new PositionTable(width / heads);
        words = Embedding(options.Vocabulary, width);
        blocks = ModuleList([.. Enumerable.Range(0, count).Select(_ => new LlamaBlock(width, hidden, heads, options.Dropout))]);
        norm = new RootMeanSquareNorm(width);
        output = Linear(width, options.Vocabulary, false);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        using var noGradient = no_grad();
        init.normal_(words.weight!, 0, Deviation);
        foreach (var linear in modules().OfType<Linear>())
            init.normal_(linear.weight!, 0, Deviation);
    }

    private static LanguageArchitecture Of(int count, int width, int heads) =>
        new($"llama_{count}x{width}", new DateOnly(2023, 2, 27), "arXiv:2302.13971", options => new Llama(options, count, width, heads));

    /// <summary>The sizes that can be trained: reduced forms, of which the paper's smallest, 32 × 4096, is far.</summary>
    public static IReadOnlyList<LanguageArchitecture> Members { get; } = [Of(2, 64, 4), Of(4, 128, 4), Of(6, 384, 6), Of(12, 768, 12)];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = dropout.call(words.call(input));
        var later = LaterMask.Of(input.shape[1], x.dtype, x.device);
        var turns = angles.At(0, input.shape[1], x.dtype, x.device);
        foreach (var block in blocks)
            x = block.call(x, turns, later);
        return output.call(norm.call(x)).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            angles.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>
/// Attention to what was before and a gated feed-forward block, each on what is normalised and added to what came in: <c>[N, T,
/// width]</c>, sines and cosines of positions <c>[1, T, width of a head]</c>, and a mask.
/// </summary>
internal sealed class LlamaBlock : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly RootMeanSquareNorm attention_norm;
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear output;
    private readonly AttentionProducts products;
    private readonly RootMeanSquareNorm feed_forward_norm;
    private readonly Linear gate;
    private readonly Linear up;
    private readonly Linear down;
    private readonly Dropout dropout;
    private readonly int heads;

    public LlamaBlock(int width, int hidden, int heads, double dropout)
        : base(nameof(LlamaBlock))
    {
        this.heads = heads;
        (attention_norm, feed_forward_norm) = (new RootMeanSquareNorm(width), new RootMeanSquareNorm(width));
        (query, key, value) = (Linear(width, width, false), Linear(width, width, false), Linear(width, width, false));
        output = Linear(width, width, false);
        products = new AttentionProducts(Math.Pow((double)width / heads, -0.5));
        (gate, up, down) = (Linear(width, hidden, false), Linear(width, hidden, false), Linear(hidden, width, false));
        this.dropout = Dropout(dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input, Tensor turns, Tensor later)
    {
        using var scope = NewDisposeScope();
        var normalised = attention_norm.call(input);
        var attended = products.call(
            Turned(Split(query.call(normalised)), turns),
            Turned(Split(key.call(normalised)), turns),
            Split(value.call(normalised)),
            later
        );
        var x = input.Plus(dropout.call(output.call(attended.transpose(1, 2).flatten(2))));
        normalised = feed_forward_norm.call(x);
        var inner = functional.silu(gate.call(normalised)).mul(up.call(normalised));
        return x.Plus(dropout.call(down.call(inner))).MoveToOuterDisposeScope();
    }

    // Number i of a head's first half and of its second are a point, which is turned by its position times 10000^(-2 i / width).
    private static Tensor Turned(Tensor vectors, Tensor turns)
    {
        var pairs = turns.view(1, turns.shape[1], -1, 2);
        var (sine, cosine) = (pairs.select(-1, 0).unsqueeze(1), pairs.select(-1, 1).unsqueeze(1));
        var halves = vectors.chunk(2, -1);
        return cat([halves[0].mul(cosine).sub(halves[1].mul(sine)), halves[1].mul(cosine).Plus(halves[0].mul(sine))], -1);
    }

    private Tensor Split(Tensor vectors) => vectors.view(vectors.shape[0], vectors.shape[1], heads, -1).transpose(1, 2);
}
