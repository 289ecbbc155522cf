using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Language.Subwords;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// The first attention (Bahdanau et al. 2014, arXiv:1409.0473): a GRU in each direction annotates the source, and at every step of the
/// decoder's GRU its state before it chooses what to look at. The output is a maxout over state, context and the word before (section
/// A.2.2).
/// </summary>
/// <remarks>
/// Padding stands at the end of a source: the backward GRU reads it first, and no attention sees it. Dropout as in <see cref="Seq2Seq"/>.
/// </remarks>
internal sealed class RnnSearch : Translator
{
    private readonly Embedding source_embedding;
    private readonly Embedding target_embedding;
    private readonly GRU encoder;
    private readonly Linear start;
    private readonly AdditiveAttention attention;
    private readonly GRUCell decoder;
    private readonly Linear readout;
    private readonly Linear output;
    private readonly Dropout dropout;
    private readonly int width;

    /// <param name="width">Of the states in each direction, and of the small network that scores.</param>
    /// <param name="maxout">Width of the output before the vocabulary.</param>
    public RnnSearch(TranslatorOptions options, int width, int embedding, int maxout)
        : base(nameof(RnnSearch))
    {
        this.width = width;
        source_embedding = Embedding(options.Vocabulary, embedding, padding_idx: SubwordModel.Padding);
        target_embedding = Embedding(options.Vocabulary, embedding, padding_idx: SubwordModel.Padding);
        encoder = GRU(embedding, width, batchFirst: true, bidirectional: true);
        start = Linear(width, width);
        attention = new AdditiveAttention(width, annotation: 2 * width, scores: width);
        decoder = GRUCell(embedding + (2 * width), width);
        readout = Linear(width + embedding + (2 * width), 2 * maxout);
        output = Linear(maxout, options.Vocabulary);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        RecurrentStart.Apply(this, SubwordModel.Padding);
    }

    private static TranslatorArchitecture Of(string name, int width, int embedding, int maxout) =>
        new(name, new DateOnly(2014, 9, 1), "arXiv:1409.0473", options => new RnnSearch(options, width, embedding, maxout));

    /// <summary>The sizes that can be trained, the paper's own last.</summary>
    public static IReadOnlyList<TranslatorArchitecture> Members { get; } =
    [
        Of("rnnsearch_64", 64, 64, 64),
        Of("rnnsearch_128", 128, 128, 128),
        Of("rnnsearch_192", 192, 192, 192),
        Of("rnnsearch_256", 256, 256, 256),
        Of("rnnsearch_1000", 1000, 620, 500),
    ];

    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (annotations, keys, padding, state) = Encode(source);
        var words = dropout.call(target_embedding.call(target));
        var (states, contexts) = (new List<Tensor>(), new List<Tensor>());
        foreach (var word in words.unbind(1))
        {
            var context = attention.call(state.unsqueeze(1), keys, annotations, padding).squeeze(1);
            state = decoder.call(cat([word, context], 1), state);
            states.Add(state);
            contexts.Add(context);
        }

        return Predict(stack(states, 1), words, stack(contexts, 1)).MoveToOuterDisposeScope();
    }

    public override Decoding Start(Tensor source, int longest)
    {
        using var scope = NewDisposeScope();
        var (annotations, keys, padding, state) = Encode(source);
        return new Steps(
            this,
            annotations.DetachFromDisposeScope(),
            keys.DetachFromDisposeScope(),
            padding.DetachFromDisposeScope(),
            state.DetachFromDisposeScope()
        );
    }

    private (Tensor Annotations, Tensor Keys, Tensor Padding, Tensor State) Encode(Tensor source)
    {
        var (annotations, _) = encoder.call(dropout.call(source_embedding.call(source)));
        // The backward state of the first word has seen the whole sentence.
        var state = start.call(annotations.select(1, 0).narrow(1, width, width)).tanh();
        return (annotations, attention.Keys(annotations), PaddingMask.Of(source, annotations.dtype).squeeze(1), state);
    }

    private Tensor Predict(Tensor states, Tensor words, Tensor contexts)
    {
        var pairs = readout.call(cat([states, words, contexts], -1));
        var (largest, _) = pairs.view([.. pairs.shape[..^1], -1, 2]).max(pairs.dim());
        return output.call(dropout.call(largest));
    }

    private sealed class Steps(RnnSearch network, Tensor annotations, Tensor keys, Tensor padding, Tensor state) : Decoding
    {
        private Tensor annotations = annotations;
        private Tensor keys = keys;
        private Tensor padding = padding;
        private Tensor state = state;

        public override Tensor Next(Tensor words)
        {
            using var scope = NewDisposeScope();
            var word = network.target_embedding.call(words);
            var context = network.attention.call(state.unsqueeze(1), keys, annotations, padding).squeeze(1);
            Replace(ref state, network.decoder.call(cat([word, context], 1), state));
            return network.Predict(state, word, context).MoveToOuterDisposeScope();
        }

        public override void Keep(Tensor rows)
        {
            Replace(ref annotations, annotations.index_select(0, rows));
            Replace(ref keys, keys.index_select(0, rows));
            Replace(ref padding, padding.index_select(0, rows));
            Replace(ref state, state.index_select(0, rows));
        }

        public override void Dispose()
        {
            annotations.Dispose();
            keys.Dispose();
            padding.Dispose();
            state.Dispose();
        }
    }
}
