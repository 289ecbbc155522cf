using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Global attention with the score "general" (Luong et al. 2015, arXiv:1508.04025): the decoder's state after a step looks at the source,
/// and what the two give together, the attentional state, makes the output and goes into the next step (input feeding).
/// </summary>
/// <remarks>The source is read backwards, as there; padding, at its end, is read first and seen by no attention.</remarks>
internal sealed class LuongLstm : Translator
{
    private readonly Embedding source_embedding;
    private readonly Embedding target_embedding;
    private readonly LSTM encoder;
    private readonly LSTM decoder;
    private readonly Linear general;
    private readonly WeightedSum scores;
    private readonly WeightedSum context;
    private readonly Linear attentional;
    private readonly Linear output;
    private readonly Dropout dropout;
    private readonly int width;

    /// <param name="width">Of embeddings and states.</param>
    public LuongLstm(TranslatorOptions options, int layers, int width)
        : base(nameof(LuongLstm))
    {
        this.width = width;
        source_embedding = Embedding(options.Vocabulary, width, padding_idx: SubwordModel.Padding);
        target_embedding = Embedding(options.Vocabulary, width, padding_idx: SubwordModel.Padding);
        encoder = LSTM(width, width, layers, batchFirst: true, dropout: layers > 1 ? options.Dropout : 0);
        decoder = LSTM(2 * width, width, layers, batchFirst: true, dropout: layers > 1 ? options.Dropout : 0);
        general = Linear(width, width, hasBias: false);
        (scores, context) = (new WeightedSum(), new WeightedSum());
        attentional = Linear(2 * width, width, hasBias: false);
        output = Linear(width, options.Vocabulary);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        RecurrentStart.Apply(this, SubwordModel.Padding);
    }

    private static TranslatorArchitecture Of(string name, int layers, int width) =>
        new(name, new DateOnly(2015, 8, 17), "arXiv:1508.04025", options => new LuongLstm(options, layers, width));

    /// <summary>The sizes that can be trained, the paper's own last.</summary>
    public static IReadOnlyList<TranslatorArchitecture> Members { get; } =
    [Of("luong_2x64", 2, 64), Of("luong_2x128", 2, 128), Of("luong_2x192", 2, 192), Of("luong_2x256", 2, 256), Of("luong_4x1000", 4, 1000)];

    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (read, padding, hidden, cell, fed) = Encode(source);
        var written = new List<Tensor>();
        foreach (var word in dropout.call(target_embedding.call(target)).split(1, dim: 1))
        {
            (fed, hidden, cell) = Step(word, fed, hidden, cell, read, padding);
            written.Add(fed);
        }

        return output.call(dropout.call(cat(written, 1))).MoveToOuterDisposeScope();
    }

    public override Decoding Start(Tensor source, int longest)
    {
        using var scope = NewDisposeScope();
        var (read, padding, hidden, cell, fed) = Encode(source);
        return new Steps(this, [.. ((Tensor[])[read, padding, hidden, cell, fed]).Select(part => part.DetachFromDisposeScope())]);
    }

    private (Tensor Read, Tensor Padding, Tensor Hidden, Tensor Cell, Tensor Fed) Encode(Tensor source)
    {
        var backwards = source.flip(1);
        var (read, hidden, cell) = encoder.call(dropout.call(source_embedding.call(backwards)));
        var nothing = zeros([source.shape[0], 1, width], dtype: read.dtype, device: read.device);
        return (read, PaddingMask.Of(backwards, read.dtype).squeeze(1), hidden, cell, nothing);
    }

    /// <summary>One position: word and attentional state <c>[N, 1, width]</c>.</summary>
    private (Tensor Fed, Tensor Hidden, Tensor Cell) Step(Tensor word, Tensor fed, Tensor hidden, Tensor cell, Tensor read, Tensor padding)
    {
        var (state, nextHidden, nextCell) = decoder.call(cat([word, fed], -1), (hidden, cell));
        var weights = scores.call(general.call(state), read.transpose(1, 2)).Plus(padding).softmax(-1);
        return (attentional.call(cat([context.call(weights, read), state], -1)).tanh(), nextHidden, nextCell);
    }

    private sealed class Steps(LuongLstm network, Tensor[] parts) : Decoding
    {
        public override Tensor Next(Tensor words)
        {
            using var scope = NewDisposeScope();
            var (fed, hidden, cell) = network.Step(
                network.target_embedding.call(words.unsqueeze(1)),
                parts[4],
                parts[2],
                parts[3],
                parts[0],
                parts[1]
            );
            Replace(ref parts[2], hidden);
            Replace(ref parts[3], cell);
            Replace(ref parts[4], fed);
            return network.output.call(fed.squeeze(1)).MoveToOuterDisposeScope();
        }

        public override void Keep(Tensor rows)
        {
            // Of hidden and cell states the first dimension is that of layers.
            for (var part = 0; part < parts.Length; part++)
                Replace(ref parts[part], parts[part].index_select(part is 2 or 3 ? 1 : 0, rows));
        }

        public override void Dispose()
        {
            foreach (var part in parts)
                part.Dispose();
        }
    }
}
