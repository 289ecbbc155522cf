using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.Translation.Data;
using TrainHarness.Training.Workloads.Translation.Packs;
using TrainHarness.Training.Workloads.Translation.Scoring;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>The keys of a study of translation.</summary>
internal sealed record TranslationSettings : IWorkloadSettings
{
    /// <summary>As they stand in a study, in this order.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["pairs", "merges", "longest", "bleu", "trainFraction"];

    public required PairRequest Request { get; init; }

    /// <summary>How translations are scored.</summary>
    public required BleuRules Bleu { get; init; }

    /// <summary>Part of the training pairs that is trained on; the subwords are those of all.</summary>
    public double TrainFraction { get; init; } = 1;

    public IReadOnlyDictionary<string, object?> Lines => new Dictionary<string, object?>
    {
        ["pairs"] = Request.Source.Lines,
        ["merges"] = Request.Merges,
        ["longest"] = Request.Longest,
        ["bleu"] = new Dictionary<string, object?> { ["tokenize"] = BleuRules.NameOf(Bleu.Tokenizer), ["lowercase"] = Bleu.Lowercase },
        ["trainFraction"] = TrainFraction,
    };

    public IWorkloadSettings WithTrainFraction(double fraction) => this with { TrainFraction = TrainFraction * fraction };

    /// <exception cref="InvalidCastException">The study is not one of translation.</exception>
    public static TranslationSettings Of(Study study) => (TranslationSettings)study.Settings;

    /// <summary>Reads them strictly; the study's other keys are no business of theirs.</summary>
    public static TranslationSettings Read(ConfigurationNode study)
    {
        var bleu = study.Required("bleu").Allow("tokenize", "lowercase");
        return new TranslationSettings
        {
            Request = new PairRequest(PairSource.Read(study.Required("pairs")), study.Required("merges").Whole(1, 60_000), study.Required("longest").Whole(4, 1000)),
            Bleu = new BleuRules(
                bleu.Required("tokenize").Choice((BleuRules.NameOf(BleuTokenizer.V13a), BleuTokenizer.V13a), (BleuRules.NameOf(BleuTokenizer.None), BleuTokenizer.None)),
                bleu.Required("lowercase").Flag()),
            TrainFraction = study.Optional("trainFraction")?.Positive(1) ?? 1,
        };
    }
}
