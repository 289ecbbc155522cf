using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.LanguageModelling.Data;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>The keys of a study of language modelling.</summary>
internal sealed record LanguageSettings : IWorkloadSettings
{
    /// <summary>As they stand in a study, in this order.</summary>
    public static Fields<LanguageSettings> Fields { get; } =
        new(
            new LanguageSettings
            {
                Text = new GeneratedText(0, 1),
                Units = new Characters(),
                ValidationPart = 0.1,
                Context = 2,
            },
            Field.Required(
                "text",
                Kind.OneOf(TextSource.Kinds),
                "Where the text comes from.",
                (LanguageSettings settings) => settings.Text,
                (settings, value) => settings with { Text = value }
            ),
            Field.Required(
                "units",
                Kind.OneOf(TextUnits.Kinds),
                "What the text is a sequence of.",
                (LanguageSettings settings) => settings.Units,
                (settings, value) => settings with { Units = value }
            ),
            Field.Required(
                "validationPart",
                Kind.Positive(0.5),
                "Part of the text, its end, that is validated on.",
                (LanguageSettings settings) => settings.ValidationPart,
                (settings, value) => settings with { ValidationPart = value }
            ),
            Field.Required(
                "context",
                Kind.Whole(2, 65_536),
                "Units of a window: what a network sees at once, the same for all entries.",
                (LanguageSettings settings) => settings.Context,
                (settings, value) => settings with { Context = value }
            ),
            Field.Optional(
                "validationWindows",
                Kind.Whole(1, int.MaxValue),
                "Windows, spread evenly, that each evaluation reads; all where it is missing.",
                (LanguageSettings settings) => settings.ValidationWindows,
                (settings, value) => settings with { ValidationWindows = value }
            ),
            Field.Optional(
                "trainFraction",
                Kind.Positive(1),
                "Part of the training text, its begin, that is trained on; all where it is missing.",
                (LanguageSettings settings) => settings.TrainFraction,
                (settings, value) => settings with { TrainFraction = value }
            )
        );

    public required TextSource Text { get; init; }

    public required TextUnits Units { get; init; }

    /// <summary>Of the characters of the text.</summary>
    public required double ValidationPart { get; init; }

    public required int Context { get; init; }

    /// <summary>Null for all of them.</summary>
    public int? ValidationWindows { get; init; }

    /// <summary>Part of the training text that is trained on; its units are those of all.</summary>
    public double TrainFraction { get; init; } = 1;

    public IReadOnlyDictionary<string, object?> Lines => Fields.Lines(this);

    /// <inheritdoc/>
    public IWorkloadSettings SeenBy(EntryVariant variant) =>
        variant is { Size: null, Width: null, Depth: null }
            ? WithTrainFraction(variant.Data ?? 1)
            : throw new ConfigurationException("size, width and depth are of images; allowed: lr-NUMBER and data-PART.");

    public IWorkloadSettings WithTrainFraction(double fraction) => this with { TrainFraction = TrainFraction * fraction };

    /// <exception cref="InvalidCastException">The study is not one of language modelling.</exception>
    public static LanguageSettings Of(Study study) => (LanguageSettings)study.Settings;
}
