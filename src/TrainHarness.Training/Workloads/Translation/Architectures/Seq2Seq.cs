using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Language.Subwords;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// One LSTM reads the sentence backwards, and another writes the translation from the state that it ends in (Sutskever et al. 2014,
/// arXiv:1409.3215): all that is known of the source goes through that state.
/// </summary>
/// <remarks>Padding stands at the end of a source, and so is read first. Dropout as in arXiv:1409.2329; the paper has none.</remarks>
internal sealed class Seq2Seq : Translator
{
    private readonly Embedding source_embedding;
    private readonly Embedding target_embedding;
    private readonly LSTM encoder;
    private readonly LSTM decoder;
    private readonly Linear output;
    private readonly Dropout dropout;

    /// <param name="width">Of embeddings and states.</param>
    public Seq2Seq(TranslatorOptions options, int layers, int width)
        : base(nameof(Seq2Seq))
    {
        source_embedding = Embedding(options.Vocabulary, width, padding_idx: SubwordModel.Padding);
        target_embedding = Embedding(options.Vocabulary, width, padding_idx: SubwordModel.Padding);
        encoder = LSTM(width, width, layers, batchFirst: true, dropout: layers > 1 ? options.Dropout : 0);
        decoder = LSTM(width, width, layers, batchFirst: true, dropout: layers > 1 ? options.Dropout : 0);
        output = Linear(width, options.Vocabulary);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        RecurrentStart.Apply(this, SubwordModel.Padding);
    }

    private static TranslatorArchitecture Of(string name, int layers, int width) =>
        new(name, new DateOnly(2014, 9, 10), "arXiv:1409.3215", options => new Seq2Seq(options, layers, width));

    /// <summary>The sizes that can be trained, the paper's own last.</summary>
    public static IReadOnlyList<TranslatorArchitecture> Members { get; } =
    [
        Of("seq2seq_2x64", 2, 64),
        Of("seq2seq_2x128", 2, 128),
        Of("seq2seq_2x192", 2, 192),
        Of("seq2seq_2x256", 2, 256),
        Of("seq2seq_2x512", 2, 512),
        Of("seq2seq_4x1000", 4, 1000),
    ];

    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (_, hidden, cell) = Encode(source);
        var (states, _, _) = decoder.call(dropout.call(target_embedding.call(target)), (hidden, cell));
        return output.call(dropout.call(states)).MoveToOuterDisposeScope();
    }

    public override Decoding Start(Tensor source, int longest)
    {
        using var scope = NewDisposeScope();
        var (_, hidden, cell) = Encode(source);
        return new Steps(this, hidden.DetachFromDisposeScope(), cell.DetachFromDisposeScope());
    }

    private (Tensor States, Tensor Hidden, Tensor Cell) Encode(Tensor source) =>
        encoder.call(dropout.call(source_embedding.call(source.flip(1))));

    private sealed class Steps(Seq2Seq network, Tensor hidden, Tensor cell) : Decoding
    {
        private Tensor hidden = hidden;
        private Tensor cell = cell;

        public override Tensor Next(Tensor words)
        {
            using var scope = NewDisposeScope();
            var (state, nextHidden, nextCell) = network.decoder.call(network.target_embedding.call(words.unsqueeze(1)), (hidden, cell));
            Replace(ref hidden, nextHidden);
            Replace(ref cell, nextCell);
            return network.output.call(state.squeeze(1)).MoveToOuterDisposeScope();
        }

        public override void Keep(Tensor rows)
        {
            Replace(ref hidden, hidden.index_select(1, rows));
            Replace(ref cell, cell.index_select(1, rows));
        }

        public override void Dispose()
        {
            hidden.Dispose();
            cell.Dispose();
        }
    }
}
