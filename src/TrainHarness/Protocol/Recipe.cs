using System.Text.Json.Serialization;
using TrainHarness.Compute;

namespace TrainHarness.Protocol;

/// <summary>
/// Everything but the architecture that decides a training run. Complete: nothing has a hidden default, and what is null is off.
/// </summary>
public sealed record Recipe
{
    // Of a running mean: at 1 it would never move.
    internal const double MaxDecay = 0.9999999;

    /// <summary>Keys of every recipe.</summary>
    public static IReadOnlyList<Field<Recipe>> Fields { get; } =
    [
        Field.Required(
            "epochs",
            Kind.Whole(1, 100_000),
            "Length of the schedule.",
            (Recipe recipe) => recipe.Epochs,
            (recipe, value) => recipe with { Epochs = value }
        ),
        Field.Required(
            "batchSize",
            Kind.Whole(2, 1_000_000),
            "Examples of a step.",
            (Recipe recipe) => recipe.BatchSize,
            (recipe, value) => recipe with { BatchSize = value }
        ),
        Field.Required(
            "optimizer",
            Kind.OneOf(OptimizerRule.Kinds),
            "How weights follow from gradients.",
            (Recipe recipe) => recipe.Optimizer,
            (recipe, value) => recipe with { Optimizer = value }
        ),
        Field.Required(
            "plain",
            Kind.Mapping(StartRule.Fields),
            "Start of architectures without batch normalisation.",
            (Recipe recipe) => recipe.Plain,
            (recipe, value) => recipe with { Plain = value }
        ),
        Field.Required(
            "batchNormalised",
            Kind.Mapping(StartRule.Fields),
            "Start of the others.",
            (Recipe recipe) => recipe.BatchNormalised,
            (recipe, value) => recipe with { BatchNormalised = value }
        ),
        Field.Required(
            "schedule",
            Kind.OneOf(LearningRateSchedule.Kinds),
            "How the learning rate falls.",
            (Recipe recipe) => recipe.Schedule,
            (recipe, value) => recipe with { Schedule = value.Of(recipe.Epochs) }
        ),
        Field.Required(
            "warmUpEpochs",
            Kind.Number(0, 100_000),
            "Epochs over which the rate rises linearly from 0; no more than there are.",
            (Recipe recipe) => recipe.WarmUpEpochs,
            (recipe, value) => recipe with { WarmUpEpochs = value },
            recipe => Kind.Number(0, recipe.Epochs)
        ),
        Field.Required(
            "precision",
            Kind.Choice(("fp32", Precision.Fp32), ("tf32", Precision.Tf32), ("bf16", Precision.Bf16)),
            "Number format of the arithmetic.",
            (Recipe recipe) => recipe.Precision,
            (recipe, value) => recipe with { Precision = value }
        ) with
        {
            Words = recipe => recipe.Precision == Precision.Fp32 ? [] : [recipe.Precision.ToString().ToLowerInvariant()],
        },
        Field
            .Optional(
                "gradientClip",
                Kind.Positive(1_000_000),
                "Longest gradient, over all parameters together, that a step follows in full.",
                (Recipe recipe) => recipe.GradientClip,
                (recipe, value) => recipe with { GradientClip = value }
            )
            .Called("gradient clip"),
        Field
            .Optional(
                "averageDecay",
                Kind.Number(0, MaxDecay),
                "Of the moving average of weights that evaluations use.",
                (Recipe recipe) => recipe.AverageDecay,
                (recipe, value) => recipe with { AverageDecay = value }
            )
            .Called("average"),
    ];

    /// <summary>Keys that only recipes of images have.</summary>
    public static IReadOnlyList<Field<Recipe>> ImageFields { get; } =
    [
        Field.Required(
            "labelSmoothing",
            Kind.Number(0, 0.999),
            "Part of an answer that is spread over all classes.",
            (Recipe recipe) => recipe.LabelSmoothing ?? 0,
            (recipe, value) => recipe with { LabelSmoothing = value }
        ) with
        {
            Write = recipe => recipe.LabelSmoothing,
            Words = recipe => recipe.LabelSmoothing > 0 ? ["label smoothing"] : [],
        },
        Field.Required(
            "augmentation",
            Kind.Mapping(AugmentationRule.Fields),
            "How training images are changed at random.",
            (Recipe recipe) => recipe.Augmentation!,
            (recipe, value) => recipe with { Augmentation = value }
        ) with
        {
            Write = recipe => recipe.Augmentation is { } rule ? AugmentationRule.Fields.Lines(rule) : null,
            Words = recipe => recipe.Augmentation is { } rule ? AugmentationRule.Fields.Words(rule) : [],
        },
        Field
            .Optional(
                "memoryFormat",
                Kind.Choice(("contiguous", MemoryFormat.Contiguous), ("channels-last", MemoryFormat.ChannelsLast)),
                "In what order values lie in memory; contiguous where it is missing.",
                (Recipe recipe) => recipe.MemoryFormat == MemoryFormat.Contiguous ? null : recipe.MemoryFormat,
                (recipe, value) => recipe with { MemoryFormat = value }
            )
            .Called("channels-last"),
        Field
            .Optional(
                "dropPath",
                Kind.Number(0, 0.99),
                "Probability that the last residual branch is dropped; the architecture's own where it is missing.",
                (Recipe recipe) => recipe.DropPath,
                (recipe, value) => recipe with { DropPath = value }
            )
            .Called("drop-path"),
        Field.Optional(
            "batchNormalisationMomentum",
            Kind.Positive(1),
            "Share of a batch in the running statistics of batch normalisation; the architecture's own where it is missing.",
            (Recipe recipe) => recipe.BatchNormalisationMomentum,
            (recipe, value) => recipe with { BatchNormalisationMomentum = value }
        ),
        Field
            .Optional(
                "auxiliaryLossWeight",
                Kind.Positive(100),
                "Share of each auxiliary head's loss; no heads where it is missing.",
                (Recipe recipe) => recipe.AuxiliaryLossWeight,
                (recipe, value) => recipe with { AuxiliaryLossWeight = value }
            )
            .Called("auxiliary loss"),
    ];

    // As protocol 1 wrote them, whose fingerprints are of the text.
    internal static IReadOnlyList<Field<Recipe>> InWrittenOrder { get; } =
    [
        .. Fields.TakeWhile(field => field.Name != "precision"),
        .. ImageFields.TakeWhile(field => field.Name != "memoryFormat"),
        .. Fields.Where(field => field.Name == "precision"),
        .. ImageFields.Where(field => field.Name == "memoryFormat"),
        .. Fields.SkipWhile(field => field.Name != "precision").Skip(1),
        .. ImageFields.SkipWhile(field => field.Name != "memoryFormat").Skip(1),
    ];

    public required string Name { get; init; }

    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required OptimizerRule Optimizer { get; init; }

    /// <summary>For architectures without batch normalisation, which need a smaller learning rate and a better start.</summary>
    public required StartRule Plain { get; init; }

    public required StartRule BatchNormalised { get; init; }

    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Epochs over which the rate rises linearly from zero, before the schedule's factor applies in full.</summary>
    public required double WarmUpEpochs { get; init; }

    /// <summary>Of images; null for another workload.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LabelSmoothing { get; init; }

    /// <summary>Of images; null for another workload.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AugmentationRule? Augmentation { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>Changes how long a step takes, not what it computes but for rounding.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public MemoryFormat MemoryFormat { get; init; }

    /// <summary>
    /// Longest gradient, over all parameters together, that an update follows in full; a longer one is scaled down to it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GradientClip { get; init; }

    /// <summary>Of the exponential moving average of weights and buffers, which evaluations then use.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AverageDecay { get; init; }

    /// <summary>
    /// Probability that the last residual branch is dropped for an example (arXiv:1603.09382); null leaves the architecture's own.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DropPath { get; init; }

    /// <summary>
    /// Share of a batch in the running statistics of every batch normalisation, as PyTorch counts it; null leaves the architecture's own.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BatchNormalisationMomentum { get; init; }

    /// <summary>Share of each auxiliary head's loss; null builds the network without them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AuxiliaryLossWeight { get; init; }

    /// <summary>The keys of another workload, as they are written; null where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Own { get; init; }

    /// <summary>A key of another workload: refused where it is not of its kind, and kept as it is written in <see cref="Own"/>.</summary>
    public static Field<Recipe> OwnField<T>(string name, Kind<T> kind, string description, bool isOptional = false)
        where T : notnull =>
        new(
            name,
            description,
            isOptional,
            (recipe, node) =>
            {
                kind.Read(node);
                return recipe with
                {
                    Own = new Dictionary<string, string>(recipe.Own ?? new Dictionary<string, string>()) { [name] = node.Text() },
                };
            },
            recipe => recipe.Own?.GetValueOrDefault(name),
            kind.Schema
        );

    /// <summary>What <c>recipes</c> says of a recipe beside its optimizer and schedule.</summary>
    public static IEnumerable<string> Words(Recipe recipe) => InWrittenOrder.SelectMany(field => field.Words(recipe));

    /// <summary>The same over fewer or more epochs: the whole schedule in them, after as many epochs of warm-up.</summary>
    public Recipe Over(int epochs) => this with { Epochs = epochs, Schedule = Schedule.Over(epochs) };

    public StartRule StartFor(bool hasBatchNormalisation) => hasBatchNormalisation ? BatchNormalised : Plain;

    /// <summary>The learning rate after a part of the schedule.</summary>
    /// <param name="start">The architecture's own rule.</param>
    /// <param name="progress">From 0 to 1.</param>
    public double LearningRateAt(StartRule start, double progress)
    {
        var warmUp = WarmUpEpochs > 0 ? Math.Min(1, progress * Epochs / WarmUpEpochs) : 1;
        return start.LearningRate * warmUp * Schedule.At(progress);
    }
}

/// <summary>How a kind of network starts: its peak learning rate and its initial weights.</summary>
public sealed record StartRule
{
    public static Fields<StartRule> Fields { get; } =
        new(
            new StartRule { LearningRate = 1, Initialisation = InitialWeights.Torchvision },
            Field.Required(
                "learningRate",
                Kind.Positive(1000),
                "Peak learning rate.",
                (StartRule start) => start.LearningRate,
                (start, value) => start with { LearningRate = value }
            ),
            Field.Required(
                "initialisation",
                Kind.Choice(("torchvision", InitialWeights.Torchvision), ("he", InitialWeights.He)),
                "Where initial weights come from.",
                (StartRule start) => start.Initialisation,
                (start, value) => start with { Initialisation = value }
            )
        );

    public required double LearningRate { get; init; }

    public required InitialWeights Initialisation { get; init; }
}

/// <summary>Where initial weights come from.</summary>
public enum InitialWeights
{
    /// <summary>As torchvision builds the network.</summary>
    Torchvision,

    /// <summary>Normal with variance 2 / fan-in, zero biases, the last layer N(0, 0.01) (arXiv:1502.01852).</summary>
    He,
}

/// <summary>In what order images and convolution weights lie in memory.</summary>
public enum MemoryFormat
{
    /// <summary>N×C×H×W.</summary>
    Contiguous,

    /// <summary>N×H×W×C.</summary>
    ChannelsLast,
}
