using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Convolutions with gates instead of recurrence, and an attention in every layer of the decoder (Gehring et al. 2017, arXiv:1705.03122).
/// All weights but those of lookups are normalised (section 4.2), and what an attention gives grows with the root of the source's length
/// (section 3.4).
/// </summary>
/// <remarks>
/// As in fairseq, its authors' code, where the paper says less or something else: what a convolution of the encoder sees of padding is
/// zero; the encoder's gradients are divided by twice the number of attentions (the paper: by their number); sums inside an attention are
/// halved in variance. 256 positions are learned where fairseq has 1,024; a later one takes the last.
/// </remarks>
internal sealed class ConvS2S : Translator
{
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

    // What is added to a layer's result has to be as wide.
    private readonly ModuleList<Module<Tensor, Tensor>> encoder_residuals;
    private readonly ModuleList<Module<Tensor, Tensor>> decoder_residuals;
    private readonly NormalisedLinear output;
    private readonly Dropout dropout;
    private readonly IReadOnlyList<ConvolutionSize> decoderSizes;

    /// <param name="embedding">Width of what goes in, of queries and of keys.</param>
    /// <param name="outputs">Width of what the vocabulary is chosen by.</param>
    public ConvS2S(
        TranslatorOptions options,
        IReadOnlyList<ConvolutionSize> encoderSizes,
        IReadOnlyList<ConvolutionSize> decoderSizes,
        int embedding,
        int outputs
    )
        : base(nameof(ConvS2S))
    {
        this.decoderSizes = decoderSizes;
        source_embedding = Embedding(options.Vocabulary, embedding, padding_idx: SubwordModel.Padding);
        target_embedding = Embedding(options.Vocabulary, embedding, padding_idx: SubwordModel.Padding);
        (source_positions, target_positions) = (Embedding(Positions, embedding), Embedding(Positions, embedding));
        // Section 3.5: what goes through a gate keeps its variance where its weights have 4 (1 - p) / fan-in.
        var (afterDropout, beforeGate) = (1 - options.Dropout, 4 * (1 - options.Dropout));
        (source_in, source_out) = (Line(embedding, encoderSizes[0].Width, afterDropout), Line(encoderSizes[^1].Width, embedding, 1));
        (target_in, target_out) = (Line(embedding, decoderSizes[0].Width, afterDropout), Line(decoderSizes[^1].Width, outputs, 1));
        encoder = ModuleList([.. WithInputs(encoderSizes).Select(layer => Convolution(layer.Inputs, layer.Size, layer.Size.Kernel / 2))]);
        decoder = ModuleList([
            .. WithInputs(decoderSizes)
                .Select(layer => new ConvS2SDecoderLayer(layer.Size.Width, embedding, Convolution(layer.Inputs, layer.Size, padding: 0))),
        ]);
        output = Line(outputs, options.Vocabulary, afterDropout);
        encoder_residuals = ModuleList([.. WithInputs(encoderSizes).Select(layer => Residual(layer.Inputs, layer.Size.Width, Pointwise))]);
        decoder_residuals = ModuleList([
            .. WithInputs(decoderSizes).Select(layer => Residual(layer.Inputs, layer.Size.Width, (from, to) => Line(from, to, 1))),
        ]);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        Start();

        NormalisedLinear Line(int inputs, int outputs, double variance) => new(inputs, outputs, Math.Sqrt(variance / inputs));
        NormalisedConvolution Convolution(int inputs, ConvolutionSize size, int padding) =>
            new(inputs, 2 * size.Width, size.Kernel, padding, Math.Sqrt(beforeGate / (inputs * size.Kernel)));
        static NormalisedConvolution Pointwise(int from, int to) => new(from, to, kernel: 1, padding: 0, Math.Sqrt(1.0 / from));
    }

    private static TranslatorArchitecture Of(string name, int encoderLayers, int decoderLayers, int width) =>
        Of(name, Same(encoderLayers, width, kernel: 3), Same(decoderLayers, width, kernel: 3), width, width);

    private static TranslatorArchitecture Of(
        string name,
        IReadOnlyList<ConvolutionSize> encoder,
        IReadOnlyList<ConvolutionSize> decoder,
        int embedding,
        int outputs
    ) => new(name, new DateOnly(2017, 5, 8), "arXiv:1705.03122", options => new ConvS2S(options, encoder, decoder, embedding, outputs));

    /// <summary>
    /// The sizes that can be trained: reduced ones, fairseq's for IWSLT'14, and the paper's own for WMT'14 English to French as fairseq's
    /// <c>fconv_wmt_en_fr</c> has it. Section 5.1 says fifteen layers and lists fourteen: five of 512, where there are six.
    /// </summary>
    public static IReadOnlyList<TranslatorArchitecture> Members { get; } =
    [
        Of("conv_s2s_2x64", 2, 2, 64),
        Of("conv_s2s_3x128", 3, 3, 128),
        Of("conv_s2s_4x192", 4, 3, 192),
        Of("conv_s2s_4x256", 4, 3, 256),
        Of("conv_s2s_wmt_en_fr", Widening, Widening, embedding: 768, outputs: 512),
    ];

    private static IReadOnlyList<ConvolutionSize> Widening =>
        [
            .. Same(6, 512, kernel: 3),
            .. Same(4, 768, kernel: 3),
            .. Same(3, 1024, kernel: 3),
            new ConvolutionSize(2048, Kernel: 1),
            new ConvolutionSize(4096, Kernel: 1),
        ];

    private static IReadOnlyList<ConvolutionSize> Same(int layers, int width, int kernel) =>
        [.. Enumerable.Repeat(new ConvolutionSize(width, kernel), layers)];

    private static IEnumerable<(int Inputs, ConvolutionSize Size)> WithInputs(IReadOnlyList<ConvolutionSize> sizes) =>
        sizes.Select((size, layer) => (sizes[Math.Max(layer - 1, 0)].Width, size));

    private static Module<Tensor, Tensor> Residual(int from, int to, Func<int, int, Module<Tensor, Tensor>> projection) =>
        from == to ? Identity() : projection(from, to);

    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (keys, values, padding) = Encode(source);
        return Write(target, keys, values, padding, BeforeFirstWord(values), first: 0).Logits.MoveToOuterDisposeScope();
    }

    public override Decoding Start(Tensor source, int longest)
    {
        using var scope = NewDisposeScope();
        var (keys, values, padding) = Encode(source);
        return new Steps(
            this,
            keys.DetachFromDisposeScope(),
            values.DetachFromDisposeScope(),
            padding.DetachFromDisposeScope(),
            [.. BeforeFirstWord(values).Select(inputs => inputs.DetachFromDisposeScope())]
        );
    }

    /// <summary>Outputs of the encoder, the same with the embeddings added, and what hides padding.</summary>
    private (Tensor Keys, Tensor Values, Tensor Padding) Encode(Tensor source)
    {
        using Scalar none = SubwordModel.Padding;
        var words = Embed(source, source_embedding, source_positions, first: 0);
        var isWord = source.ne(none).unsqueeze(1).to_type(words.dtype);
        var x = source_in.call(words).transpose(1, 2);
        foreach (var (layer, residual) in encoder.Zip(encoder_residuals))
            x = HalfVariance.Sum(functional.glu(layer.call(dropout.call(x.mul(isWord))), 1), residual.call(x));
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

    /// <summary>Before the first word a convolution sees zeros: <c>[N, kernel - 1, width]</c> for every layer of the decoder.</summary>
    private Tensor[] BeforeFirstWord(Tensor values) =>
        [
            .. WithInputs(decoderSizes)
                .Select(layer => zeros(values.shape[0], layer.Size.Kernel - 1, layer.Inputs, dtype: values.dtype, device: values.device)),
        ];

    /// <summary>Logits of the words behind those given, and the last inputs of every layer, which the words behind them will see.</summary>
    /// <param name="before">The last inputs of every layer before the words, <c>[N, kernel - 1, width]</c>.</param>
    /// <param name="first">Position of the first of the words.</param>
    private (Tensor Logits, Tensor[] Inputs) Write(Tensor target, Tensor keys, Tensor values, Tensor padding, Tensor[] before, int first)
    {
        var words = Embed(target, target_embedding, target_positions, first);
        var x = target_in.call(words);
        var last = new Tensor[before.Length];
        for (var layer = 0; layer < before.Length; layer++)
        {
            var inputs = cat([before[layer], dropout.call(x)], 1);
            last[layer] = inputs.narrow(1, target.shape[1], decoderSizes[layer].Kernel - 1);
            x = HalfVariance.Sum(decoder[layer].call(inputs, words, keys, values, padding), decoder_residuals[layer].call(x));
        }

        return (output.call(dropout.call(target_out.call(x))), last);
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

    /// <summary>Keeps what the convolutions see of the words before.</summary>
    private sealed class Steps(ConvS2S network, Tensor keys, Tensor values, Tensor padding, Tensor[] inputs) : Decoding
    {
        private Tensor keys = keys;
        private Tensor values = values;
        private Tensor padding = padding;
        private int step;

        public override Tensor Next(Tensor words)
        {
            using var scope = NewDisposeScope();
            var (logits, next) = network.Write(words.unsqueeze(1), keys, values, padding, inputs, step++);
            for (var layer = 0; layer < inputs.Length; layer++)
                Replace(ref inputs[layer], next[layer]);
            return logits.squeeze(1).MoveToOuterDisposeScope();
        }

        public override void Keep(Tensor rows)
        {
            Replace(ref keys, keys.index_select(0, rows));
            Replace(ref values, values.index_select(0, rows));
            Replace(ref padding, padding.index_select(0, rows));
            for (var layer = 0; layer < inputs.Length; layer++)
                Replace(ref inputs[layer], inputs[layer].index_select(0, rows));
        }

        public override void Dispose()
        {
            keys.Dispose();
            values.Dispose();
            padding.Dispose();
            foreach (var kept in inputs)
                kept.Dispose();
        }
    }
}
