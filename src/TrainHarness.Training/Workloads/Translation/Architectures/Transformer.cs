using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Attention instead of recurrence (Vaswani et al. 2017, arXiv:1706.03762): normalisation behind every sum, one embedding for source,
/// target and output, which is multiplied by the root of its width where it is read.
/// </summary>
internal sealed class Transformer : Translator, ITiedOutput
{
    private readonly Embedding embedding;
    private readonly ModuleList<PostNormLayer> encoder;
    private readonly ModuleList<TransformerDecoderLayer> decoder;
    private readonly TiedProjection output;
    private readonly Dropout dropout;
    private readonly PositionTable positions;
    private readonly int width;

    /// <param name="hidden">Channels inside a feed-forward block.</param>
    public Transformer(TranslatorOptions options, int layers, int width, int hidden, int heads)
        : base(nameof(Transformer))
    {
        this.width = width;
        positions = new PositionTable(width);
        embedding = Embedding(options.Vocabulary, width, padding_idx: SubwordModel.Padding);
        encoder = ModuleList([.. Enumerable.Range(0, layers).Select(_ => new PostNormLayer(width, hidden, heads, options.Dropout))]);
        decoder = ModuleList([
            .. Enumerable.Range(0, layers).Select(_ => new TransformerDecoderLayer(width, hidden, heads, options.Dropout)),
        ]);
        output = new TiedProjection();
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        Start();
    }

    private static TranslatorArchitecture Of(string name, int layers, int width, int hidden, int heads) =>
        new(name, new DateOnly(2017, 6, 12), "arXiv:1706.03762", options => new Transformer(options, layers, width, hidden, heads));

    /// <summary>The sizes that can be trained, the paper's own two last.</summary>
    public static IReadOnlyList<TranslatorArchitecture> Members { get; } =
    [
        Of("transformer_2x64", 2, 64, 128, 4),
        Of("transformer_3x128", 3, 128, 256, 4),
        Of("transformer_tiny", 4, 128, 256, 4),
        Of("transformer_3x256", 3, 256, 512, 8),
        Of("transformer_base", 6, 512, 2048, 8),
        Of("transformer_big", 6, 1024, 4096, 16),
    ];

    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (read, hidden) = Encode(source);
        var later = LaterMask.Of(target.shape[1], read.dtype, read.device);
        var written = Embed(target, first: 0);
        foreach (var layer in decoder)
            written = layer.call(written, read, later, hidden);
        return output.call(written, embedding.weight!).MoveToOuterDisposeScope();
    }

    public override Decoding Start(Tensor source, int longest)
    {
        using var scope = NewDisposeScope();
        var (read, hidden) = Encode(source);
        return new Steps(this, [.. decoder.Select(layer => layer.Remember(read, longest))], hidden.DetachFromDisposeScope());
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            positions.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Vectors of the source, and what hides its padding.</summary>
    private (Tensor Read, Tensor Hidden) Encode(Tensor source)
    {
        var read = Embed(source, first: 0);
        var hidden = PaddingMask.Of(source, read.dtype);
        foreach (var layer in encoder)
            read = layer.call(read, hidden);
        return (read, hidden);
    }

    private Tensor Embed(Tensor words, long first)
    {
        using Scalar root = Math.Sqrt(width);
        var vectors = embedding.call(words).mul(root);
        return dropout.call(vectors.Plus(positions.At(first, words.shape[1], vectors.dtype, vectors.device)));
    }

    // Xavier for what multiplies, as tensor2tensor has it; embeddings so that what is read has variance 1.
    private void Start()
    {
        using var noGradient = no_grad();
        foreach (var linear in modules().OfType<Linear>())
        {
            init.xavier_uniform_(linear.weight!);
            init.zeros_(linear.bias!);
        }

        init.normal_(embedding.weight!, 0, Math.Pow(width, -0.5));
        using var padding = embedding.weight!.narrow(0, SubwordModel.Padding, 1);
        padding.zero_();
    }

    private sealed class Steps(Transformer network, AttentionCache[] caches, Tensor hidden) : Decoding
    {
        private Tensor hidden = hidden;
        private int step;

        public override Tensor Next(Tensor words)
        {
            using var scope = NewDisposeScope();
            var written = network.Embed(words.unsqueeze(1), step);
            foreach (var (layer, cache) in network.decoder.Zip(caches))
                written = layer.Step(written, cache, step, hidden);
            step++;
            return network.output.call(written.squeeze(1), network.embedding.weight!).MoveToOuterDisposeScope();
        }

        public override void Keep(Tensor rows)
        {
            Replace(ref hidden, hidden.index_select(0, rows));
            foreach (var cache in caches)
                cache.Keep(rows);
        }

        public override void Dispose()
        {
            hidden.Dispose();
            foreach (var cache in caches)
                cache.Dispose();
        }
    }
}
