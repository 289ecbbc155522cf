using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Convolutions with gates instead of recurrence, and an attention in every layer of the decoder (Gehring et al. 2017, arXiv:1705.03122).
/// All weights but those of lookups are normalised, what an attention gives grows with the root of the source's length, and the encoder's
/// gradients are divided by twice the number of attentions (sections 3.4 and 4.2).
/// </summary>
/// <remarks>
/// Padding is zero in every layer of the encoder, as in fairseq.
/// </remarks>
internal sealed class ConvS2S : Translator
{
    // Learned positions; a later one takes the last.
    private const int Positions = 256;

    private readonly Embedding source_embedding;
    private readonly Embedding target_embedding;
    private readonly Embedding source_positions;
    private readonly Embedding target_positions;
    private readonly NormalisedLinear source_in;
    private readonly NormalisedLinear source_out;
    private readonly NormalisedLinear target_in;
    private readonly NormalisedLinear target_out;
    private readonly ModuleList<NormalisedConvolution> encoder;
    private readonly ModuleList<ConvS2SDecoderLayer> decoder;
    private readonly NormalisedLinear output;
    private readonly Dropout dropout;
    private readonly int kernel;

    /// <param name="embedding">Width of what goes in and comes out.</param>
    /// <param name="width">Of the convolutions.</param>
    public ConvS2S(TranslatorOptions options, int encoderLayers, int decoderLayers, int embedding, int width, int kernel)
        : base(nameof(ConvS2S))
    {
        this.kernel = kernel;
        source_embedding = Embedding(options.Vocabulary, embedding, padding_idx: SubwordModel.Padding);
        target_embedding = Embedding(options.Vocabulary, embedding, padding_idx: SubwordModel.Padding);
        (source_positions, target_positions) = (Embedding(Positions, embedding), Embedding(Positions, embedding));
        // Section 3.5: what goes through a gate keeps its variance where its weights have 4 (1 - p) / fan-in.
        var (line, gated) = (1 - options.Dropout, 4 * (1 - options.Dropout));
        (source_in, source_out) = (Line(embedding, width, 1), Line(width, embedding, 1));
        (target_in, target_out) = (Line(embedding, width, 1), Line(width, embedding, 1));
        encoder = ModuleList([.. Enumerable.Range(0, encoderLayers).Select(_ => Convolution(kernel / 2))]);
        decoder = ModuleList([
            .. Enumerable.Range(0, decoderLayers).Select(_ => new ConvS2SDecoderLayer(width, embedding, Convolution(0))),
        ]);
        output = Line(embedding, options.Vocabulary, line);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        Start();

        NormalisedLinear Line(int inputs, int outputs, double variance) => new(inputs, outputs, Math.Sqrt(variance / inputs));
        NormalisedConvolution Convolution(int padding) => new(width, 2 * width, kernel, padding, Math.Sqrt(gated / (width * kernel)));
    }

    private static TranslatorArchitecture Of(string name, int encoderLayers, int decoderLayers, int embedding, int width, int kernel) =>
        new(name, new DateOnly(2017, 5, 8), "arXiv:1705.03122", options => new ConvS2S(
            options,
            encoderLayers,
            decoderLayers,
            embedding,
            width,
            kernel
        ));

    /// <summary>
    /// The sizes that can be trained. The last is fairseq's for IWSLT'14; the paper's own for WMT widens from layer to layer.
    /// </summary>
    public static IReadOnlyList<TranslatorArchitecture> Members { get; } =
    [
        Of("conv_s2s_2x64", 2, 2, 64, 64, 3),
        Of("conv_s2s_3x128", 3, 3, 128, 128, 3),
        Of("conv_s2s_4x192", 4, 3, 192, 192, 3),
        Of("conv_s2s_4x256", 4, 3, 256, 256, 3),
    ];

    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (keys, values, padding) = Encode(source);
        return Write(target, keys, values, padding).MoveToOuterDisposeScope();
    }

    public override Decoding Start(Tensor source, int longest)
    {
        using var scope = NewDisposeScope();
        var (keys, values, padding) = Encode(source);
        return new Steps(this, keys.DetachFromDisposeScope(), values.DetachFromDisposeScope(), padding.DetachFromDisposeScope());
    }

    /// <summary>Outputs of the encoder, the same with the embeddings added, and what hides padding.</summary>
    private (Tensor Keys, Tensor Values, Tensor Padding) Encode(Tensor source)
    {
        using Scalar none = SubwordModel.Padding;
        var words = Embed(source, source_embedding, source_positions, first: 0);
        var isWord = source.ne(none).unsqueeze(1).to_type(words.dtype);
        var x = source_in.call(words).transpose(1, 2);
        foreach (var layer in encoder)
            x = HalfVariance.Sum(functional.glu(layer.call(dropout.call(x.mul(isWord))), 1), x);
        var keys = WithLessGradient(source_out.call(x.transpose(1, 2)));
        return (keys, HalfVariance.Sum(keys, words), PaddingMask.Of(source, words.dtype).squeeze(1));
    }

    /// <summary>The same numbers, whose gradient is divided by twice the number of attentions, all of which ask.</summary>
    private Tensor WithLessGradient(Tensor keys)
    {
        using Scalar learned = 1 / (2.0 * decoder.Count),
            kept = 1 - (1 / (2.0 * decoder.Count));
        return keys.mul(learned).Plus(keys.detach().mul(kept));
    }

    private Tensor Write(Tensor target, Tensor keys, Tensor values, Tensor padding)
    {
        var words = Embed(target, target_embedding, target_positions, first: 0);
        var x = target_in.call(words);
        foreach (var layer in decoder)
        {
            var before = functional.pad(dropout.call(x), [0, 0, kernel - 1, 0]);
            x = HalfVariance.Sum(layer.call(before, words, keys, values, padding), x);
        }

        return output.call(dropout.call(target_out.call(x)));
    }

    private Tensor Embed(Tensor words, Embedding embedding, Embedding positions, long first)
    {
        using Scalar start = first,
            end = first + words.shape[1],
            step = 1,
            last = Positions - 1;
        var places = arange(start, end, step, dtype: ScalarType.Int64, device: words.device).clamp_max_(last);
        return dropout.call(embedding.call(words).Plus(positions.call(places).unsqueeze(0)));
    }

    // Section 3.5: embeddings 0.1.
    private void Start()
    {
        using var noGradient = no_grad();
        foreach (var embedding in modules().OfType<Embedding>())
            init.normal_(embedding.weight!, 0, 0.1);
        foreach (var embedding in (Embedding[])[source_embedding, target_embedding])
        {
            using var padding = embedding.weight!.narrow(0, SubwordModel.Padding, 1);
            padding.zero_();
        }
    }

    /// <summary>Keeps the words that were written and computes all of them anew: a step costs as much as the translation is long.</summary>
    private sealed class Steps(ConvS2S network, Tensor keys, Tensor values, Tensor padding) : Decoding
    {
        private Tensor keys = keys;
        private Tensor values = values;
        private Tensor padding = padding;
        private Tensor? written;

        public override Tensor Next(Tensor words)
        {
            using var scope = NewDisposeScope();
            var next = words.unsqueeze(1);
            if (written is null)
                written = next.clone().DetachFromDisposeScope();
            else
                Replace(ref written, cat([written, next], 1));
            return network.Write(written, keys, values, padding).select(1, -1).MoveToOuterDisposeScope();
        }

        public override void Keep(Tensor rows)
        {
            Replace(ref keys, keys.index_select(0, rows));
            Replace(ref values, values.index_select(0, rows));
            Replace(ref padding, padding.index_select(0, rows));
            if (written is not null)
                Replace(ref written, written.index_select(0, rows));
        }

        public override void Dispose()
        {
            keys.Dispose();
            values.Dispose();
            padding.Dispose();
            written?.Dispose();
        }
    }
}
