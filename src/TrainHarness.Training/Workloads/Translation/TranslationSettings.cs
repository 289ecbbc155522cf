using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.Translation.Data;
using TrainHarness.Training.Workloads.Translation.Packs;
using TrainHarness.Training.Workloads.Translation.Scoring;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>The keys of a study of translation.</summary>
internal sealed record TranslationSettings : IWorkloadSettings
{
    private static readonly Fields<BleuRules> BleuFields = new(
        new BleuRules(BleuTokenizer.V13a, Lowercase: false),
        Field.Required(
            "tokenize",
            Kind.Choice(
                (BleuRules.NameOf(BleuTokenizer.V13a), BleuTokenizer.V13a),
                (BleuRules.NameOf(BleuTokenizer.None), BleuTokenizer.None)
            ),
            "13a for text as people write it, none for text that is tokenised already.",
            (BleuRules rules) => rules.Tokenizer,
            (rules, value) => rules with { Tokenizer = value }
        ),
        Field.Required(
            "lowercase",
            Kind.Flag,
            "Whether case makes no difference.",
            (BleuRules rules) => rules.Lowercase,
            (rules, value) => rules with { Lowercase = value }
        )
    );

    /// <summary>As they stand in a study, in this order.</summary>
    public static Fields<TranslationSettings> Fields { get; } =
        new(
            new TranslationSettings
            {
                Request = new PairRequest(new GeneratedPairs(0, 2, 1, 0), Merges: 1, Longest: 4),
                Bleu = BleuFields.Blank,
            },
            Field.Required(
                "pairs",
                Kind.OneOf(PairSource.Kinds),
                "Where sentence pairs come from.",
                (TranslationSettings settings) => settings.Request.Source,
                (settings, value) => settings with { Request = settings.Request with { Source = value } }
            ),
            Field.Required(
                "merges",
                Kind.Whole(1, 60_000),
                "How many pairs of neighbouring letters and parts are joined into subwords.",
                (TranslationSettings settings) => settings.Request.Merges,
                (settings, value) => settings with { Request = settings.Request with { Merges = value } }
            ),
            Field.Required(
                "longest",
                Kind.Whole(4, 1000),
                "Subwords on either side of a training pair, with its end; longer ones are left out.",
                (TranslationSettings settings) => settings.Request.Longest,
                (settings, value) => settings with { Request = settings.Request with { Longest = value } }
            ),
            Field.Required(
                "bleu",
                Kind.Mapping(BleuFields),
                "How translations are scored.",
                (TranslationSettings settings) => settings.Bleu,
                (settings, value) => settings with { Bleu = value }
            ),
            Field.Optional(
                "trainFraction",
                Kind.Positive(1),
                "Part of the training pairs that is trained on; all where it is missing.",
                (TranslationSettings settings) => settings.TrainFraction,
                (settings, value) => settings with { TrainFraction = value }
            )
        );

    public required PairRequest Request { get; init; }

    public required BleuRules Bleu { get; init; }

    /// <summary>Part of the training pairs that is trained on; the subwords are those of all.</summary>
    public double TrainFraction { get; init; } = 1;

    public IReadOnlyDictionary<string, object?> Lines => Fields.Lines(this);

    /// <inheritdoc/>
    public IWorkloadSettings SeenBy(EntryVariant variant) =>
        variant is { Size: null, Width: null, Depth: null }
            ? WithTrainFraction(variant.Data ?? 1)
            : throw new ConfigurationException("size, width and depth are of images; allowed: lr-NUMBER and data-PART.");

    public IWorkloadSettings WithTrainFraction(double fraction) => this with { TrainFraction = TrainFraction * fraction };

    /// <exception cref="InvalidCastException">The study is not one of translation.</exception>
    public static TranslationSettings Of(Study study) => (TranslationSettings)study.Settings;
}
