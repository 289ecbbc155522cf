using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>Layers of LSTM with dropout between them and not over time (Zaremba et al. 2014, arXiv:1409.2329).</summary>
/// <remarks>
/// Every window begins from an empty state, as all networks here know no more than their window; in the paper a window goes on from the one
/// before it.
/// </remarks>
internal sealed class RegularisedLstm : LanguageModel
{
    private readonly Embedding embedding;
    private readonly LSTM layers;
    private readonly Linear output;
    private readonly Dropout dropout;

    /// <param name="width">Of embeddings and states.</param>
    public RegularisedLstm(LanguageModelOptions options, int count, int width)
        : base(nameof(RegularisedLstm))
    {
        embedding = Embedding(options.Vocabulary, width);
        layers = LSTM(width, width, count, batchFirst: true, dropout: count > 1 ? options.Dropout : 0);
        output = Linear(width, options.Vocabulary);
        dropout = Dropout(options.Dropout);
        RegisterComponents();
        RecurrentStart.Apply(this, padding: null);
    }

    private static LanguageArchitecture Of(string name, int count, int width) =>
        new(name, new DateOnly(2014, 9, 8), "arXiv:1409.2329", options => new RegularisedLstm(options, count, width));

    /// <summary>The sizes that can be trained, the paper's medium and large ones last.</summary>
    public static IReadOnlyList<LanguageArchitecture> Members { get; } =
    [
        Of("lstm_1x64", 1, 64),
        Of("lstm_2x128", 2, 128),
        Of("lstm_2x256", 2, 256),
        Of("lstm_2x512", 2, 512),
        Of("lstm_2x650", 2, 650),
        Of("lstm_2x1500", 2, 1500),
    ];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (states, _, _) = layers.call(dropout.call(embedding.call(input)));
        return output.call(dropout.call(states)).MoveToOuterDisposeScope();
    }
}
