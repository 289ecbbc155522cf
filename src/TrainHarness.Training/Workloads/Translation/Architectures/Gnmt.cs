using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Deep LSTMs with shortcuts (Wu et al. 2016, arXiv:1609.08144): the lowest layer of the encoder reads in both directions; the lowest of
/// the decoder asks an additive attention, whose context goes into all layers above; shortcuts begin at the third layer.
/// </summary>
/// <remarks>
/// The lowest layer of the decoder takes words alone, as in NVIDIA's and MLPerf's reference programs, so that training is one pass; in the
/// paper the context of the step before goes into it too. Padding, at the end of a source, is read first by the backward direction and seen
/// by no attention.
/// </remarks>
internal sealed class Gnmt : Translator
{
    private readonly Embedding source_embedding;
    private readonly Embedding target_embedding;
    private readonly LSTM both_directions;
    private readonly ModuleList<LSTM> encoder;
    private readonly LSTM asking;
    private readonly AdditiveAttention attention;
    private readonly ModuleList<LSTM> decoder;
    private readonly Linear output;
    private readonly Dropout dropout;

    /// <param name="layers">Of the encoder and of the decoder, three or more.</param>
    /// <param name="width">Of embeddings and states.</param>
    public Gnmt(TranslatorOptions options, int layers, int width)
        : base(nameof(Gnmt))
    {
        source_embedding = Embedding(options.Vocabulary, width, padding_idx: SubwordModel.Padding);
        target_embedding = Embedding(options.Vocabulary, width, padding_idx: SubwordModel.Padding);
        both_directions = LSTM(width, width, batchFirst: true, bidirectional: true);
        encoder = ModuleList([
            .. Enumerable.Range(1, layers - 1).Select(layer => LSTM(layer == 1 ? 2 * width : width, width, batchFirst: true)),
        ]);
        asking = LSTM(width, width, batchFirst: true);
        attention = new AdditiveAttention(width, annotation: width, scores: width);
        decoder = ModuleList([.. Enumerable.Range(1, layers - 1).Select(_ => LSTM(2 * width, width, batchFirst: true))]);
        output = Linear(width, options.Vocabulary);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        RecurrentStart.Apply(this, SubwordModel.Padding);
    }

    private static TranslatorArchitecture Of(string name, int layers, int width) =>
        new(name, new DateOnly(2016, 9, 26), "arXiv:1609.08144", options => new Gnmt(options, layers, width));

    /// <summary>The sizes that can be trained, the paper's own last.</summary>
    public static IReadOnlyList<TranslatorArchitecture> Members { get; } =
    [Of("gnmt_4x64", 4, 64), Of("gnmt_4x128", 4, 128), Of("gnmt_4x192", 4, 192), Of("gnmt_4x256", 4, 256), Of("gnmt_8x1024", 8, 1024)];

    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (read, keys, padding) = Encode(source);
        var (logits, _) = Write(target_embedding.call(target), read, keys, padding, states: null);
        return logits.MoveToOuterDisposeScope();
    }

    public override Decoding Start(Tensor source, int longest)
    {
        using var scope = NewDisposeScope();
        var (read, keys, padding) = Encode(source);
        Tensor[] parts = [read, keys, padding];
        return new Steps(this, [.. parts.Select(part => part.DetachFromDisposeScope())]);
    }

    private (Tensor Read, Tensor Keys, Tensor Padding) Encode(Tensor source)
    {
        var (read, _, _) = both_directions.call(dropout.call(source_embedding.call(source)));
        foreach (var (number, layer) in encoder.Index())
        {
            var (above, _, _) = layer.call(dropout.call(read));
            read = number == 0 ? above : above.Plus(read);
        }

        return (read, attention.Keys(read), PaddingMask.Of(source, read.dtype).squeeze(1));
    }

    /// <param name="words">Embeddings <c>[N, T, width]</c>.</param>
    /// <param name="states">Of every layer before them, the lowest first; null at the begin.</param>
    private (Tensor Logits, (Tensor Hidden, Tensor Cell)[] States) Write(
        Tensor words,
        Tensor read,
        Tensor keys,
        Tensor padding,
        (Tensor Hidden, Tensor Cell)[]? states
    )
    {
        var after = new List<(Tensor, Tensor)>();
        var (written, hidden, cell) = asking.call(dropout.call(words), states?[0]);
        after.Add((hidden, cell));
        var context = attention.call(written, keys, read, padding);
        foreach (var (number, layer) in decoder.Index())
        {
            var (above, nextHidden, nextCell) = layer.call(dropout.call(cat([written, context], -1)), states?[number + 1]);
            after.Add((nextHidden, nextCell));
            written = number == 0 ? above : above.Plus(written);
        }

        return (output.call(dropout.call(written)), [.. after]);
    }

    private sealed class Steps(Gnmt network, Tensor[] source) : Decoding
    {
        private (Tensor Hidden, Tensor Cell)[]? states;

        public override Tensor Next(Tensor words)
        {
            using var scope = NewDisposeScope();
            var (logits, after) = network.Write(network.target_embedding.call(words.unsqueeze(1)), source[0], source[1], source[2], states);
            Hold([.. after.Select(state => (state.Hidden.DetachFromDisposeScope(), state.Cell.DetachFromDisposeScope()))]);
            return logits.squeeze(1).MoveToOuterDisposeScope();
        }

        public override void Keep(Tensor rows)
        {
            for (var part = 0; part < source.Length; part++)
                Replace(ref source[part], source[part].index_select(0, rows));
            if (states is not null)
                Hold([.. states.Select(state => (Kept(state.Hidden), Kept(state.Cell)))]);

            Tensor Kept(Tensor part) => part.index_select(1, rows).DetachFromDisposeScope();
        }

        public override void Dispose()
        {
            foreach (var part in source)
                part.Dispose();
            Hold(null);
        }

        private void Hold((Tensor Hidden, Tensor Cell)[]? by)
        {
            foreach (var (hidden, cell) in states ?? [])
            {
                hidden.Dispose();
                cell.Dispose();
            }

            states = by;
        }
    }
}
