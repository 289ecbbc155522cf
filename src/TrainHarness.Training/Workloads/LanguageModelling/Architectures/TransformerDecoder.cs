using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>
/// The decoder of the Transformer alone (Vaswani et al. 2017, arXiv:1706.03762): normalisation behind every sum, ReLU, sines for
/// positions, and one embedding for what is read and for the output, which is multiplied by the root of its width where it is read.
/// </summary>
/// <remarks>
/// There is no source, so that a layer is that of the encoder with what comes later hidden (arXiv:1801.10198, section 4.2.3).
/// </remarks>
internal sealed class TransformerDecoder : LanguageModel, ITiedOutput
{
    private readonly Embedding embedding;
    private readonly ModuleList<PostNormLayer> layers;
    private readonly TiedProjection output;
    private readonly Dropout dropout;
    private readonly PositionTable positions;
    private readonly int width;

    public TransformerDecoder(LanguageModelOptions options, int count, int width, int heads)
        : base(nameof(TransformerDecoder))
    {
        this.width = width;
        positions = new PositionTable(width);
        embedding = Embedding(options.Vocabulary, width);
        layers = ModuleList([.. Enumerable.Range(0, count).Select(_ => new PostNormLayer(width, 4 * width, heads, options.Dropout))]);
        output = new TiedProjection();
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        Start();
    }

    private static LanguageArchitecture Of(string name, int count, int width, int heads) =>
        new(name, new DateOnly(2017, 6, 12), "arXiv:1706.03762", options => new TransformerDecoder(options, count, width, heads));

    /// <summary>The sizes that can be trained, that of the paper's base model last.</summary>
    public static IReadOnlyList<LanguageArchitecture> Members { get; } =
    [Of("decoder_2x64", 2, 64, 4), Of("decoder_4x128", 4, 128, 4), Of("decoder_6x384", 6, 384, 6), Of("decoder_6x512", 6, 512, 8)];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        using Scalar root = Math.Sqrt(width);
        var vectors = embedding.call(input).mul(root);
        var x = dropout.call(vectors.Plus(positions.At(0, input.shape[1], vectors.dtype, vectors.device)));
        var later = LaterMask.Of(input.shape[1], x.dtype, x.device);
        foreach (var layer in layers)
            x = layer.call(x, later);
        return output.call(x, embedding.weight!).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            positions.Dispose();
        base.Dispose(disposing);
    }

    // As of the Transformer of translation: Xavier for what multiplies, and embeddings so that what is read has variance 1.
    private void Start()
    {
        using var noGradient = no_grad();
        foreach (var linear in modules().OfType<Linear>())
        {
            init.xavier_uniform_(linear.weight!);
            init.zeros_(linear.bias!);
        }

        init.normal_(embedding.weight!, 0, Math.Pow(width, -0.5));
    }
}
