using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>
/// Random resized crop and horizontal flip (arXiv:1409.4842, section 6), and what later recipes add to them. Null is off.
/// </summary>
public sealed record AugmentationRule
{
    public static Fields<AugmentationRule> Fields { get; } =
        new(
            new AugmentationRule
            {
                CropScale = [],
                CropRatio = [],
                Flip = 0,
            },
            Field.Required(
                "cropScale",
                Kind.Range(0.0001, 1),
                "Smallest and largest part of the area that a crop keeps.",
                (AugmentationRule rule) => rule.CropScale,
                (rule, value) => rule with { CropScale = value }
            ),
            Field.Required(
                "cropRatio",
                Kind.Range(0.01, 100),
                "Smallest and largest ratio of a crop's width to its height.",
                (AugmentationRule rule) => rule.CropRatio,
                (rule, value) => rule with { CropRatio = value }
            ),
            Field.Required(
                "flip",
                Kind.Number(0, 1),
                "Probability of a mirrored example.",
                (AugmentationRule rule) => rule.Flip,
                (rule, value) => rule with { Flip = value }
            ),
            Field
                .Optional(
                    "randAugment",
                    Kind.Mapping(RandAugmentRule.Fields),
                    "Random operations of one strength on every example.",
                    (AugmentationRule rule) => rule.RandAugment,
                    (rule, value) => rule with { RandAugment = value }
                )
                .Called("RandAugment"),
            Field
                .Optional(
                    "lighting",
                    Kind.Positive(10),
                    "Standard deviation of the colour noise along the principal components of ImageNet's colours.",
                    (AugmentationRule rule) => rule.Lighting,
                    (rule, value) => rule with { Lighting = value }
                )
                .Called("lighting"),
            Field
                .Optional(
                    "randomErasing",
                    Kind.Mapping(RandomErasingRule.Fields),
                    "Hides a rectangle of an example.",
                    (AugmentationRule rule) => rule.RandomErasing,
                    (rule, value) => rule with { RandomErasing = value }
                )
                .Called("random erasing"),
            Field.Optional(
                "mixing",
                Kind.Mapping(MixingRule.Fields),
                "Mixes a batch with itself in reverse order.",
                (AugmentationRule rule) => rule.Mixing,
                (rule, value) => rule with { Mixing = value }
            ) with
            {
                Words = rule => rule.Mixing is { } mixing ? MixingRule.Fields.Words(mixing) : [],
            }
        );

    /// <summary>Least and most part of the area that a crop keeps.</summary>
    public required IReadOnlyList<double> CropScale { get; init; }

    /// <summary>Least and most ratio of a crop's width to its height.</summary>
    public required IReadOnlyList<double> CropRatio { get; init; }

    /// <summary>Probability of a mirrored example.</summary>
    public required double Flip { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RandAugmentRule? RandAugment { get; init; }

    /// <summary>
    /// Standard deviation of the colour noise along the principal components of ImageNet's colours (Krizhevsky et al. 2012, section 4.1).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Lighting { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RandomErasingRule? RandomErasing { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MixingRule? Mixing { get; init; }
}

/// <summary>
/// Random operations of one strength on every example (arXiv:1909.13719), with the fourteen operations and the magnitudes of torchvision.
/// </summary>
public sealed record RandAugmentRule
{
    public static Fields<RandAugmentRule> Fields { get; } =
        new(
            new RandAugmentRule { Operations = 1, Magnitude = 0 },
            Field.Required(
                "operations",
                Kind.Whole(1, 14),
                "How many, one after the other.",
                (RandAugmentRule rule) => rule.Operations,
                (rule, value) => rule with { Operations = value }
            ),
            Field.Required(
                "magnitude",
                Kind.Number(0, MaxMagnitude),
                "Their strength.",
                (RandAugmentRule rule) => rule.Magnitude,
                (rule, value) => rule with { Magnitude = value }
            ),
            Field.Optional(
                "magnitudeDeviation",
                Kind.Positive(MaxMagnitude),
                "Standard deviation of the strength, drawn anew for every operation; 0 where it is missing.",
                (RandAugmentRule rule) => rule.MagnitudeDeviation > 0 ? rule.MagnitudeDeviation : null,
                (rule, value) => rule with { MagnitudeDeviation = value }
            )
        );

    /// <summary>How many, one after the other.</summary>
    public required int Operations { get; init; }

    /// <summary>From 0 to <see cref="MaxMagnitude"/>.</summary>
    public required double Magnitude { get; init; }

    /// <summary>Standard deviation of the magnitude, drawn anew for every operation.</summary>
    public double MagnitudeDeviation { get; init; }

    public const double MaxMagnitude = 30;
}

/// <summary>Hides a rectangle of an example (arXiv:1708.04896).</summary>
public sealed record RandomErasingRule
{
    public static Fields<RandomErasingRule> Fields { get; } =
        new(
            new RandomErasingRule
            {
                Probability = 1,
                Area = [],
                Ratio = [],
                Fill = ErasingFill.Zero,
            },
            Field.Required(
                "probability",
                Kind.Positive(1),
                "Of an example being hidden in part.",
                (RandomErasingRule rule) => rule.Probability,
                (rule, value) => rule with { Probability = value }
            ),
            Field.Required(
                "area",
                Kind.Range(0.0001, 1),
                "Smallest and largest part of the example.",
                (RandomErasingRule rule) => rule.Area,
                (rule, value) => rule with { Area = value }
            ),
            Field.Required(
                "ratio",
                Kind.Range(0.01, 100),
                "Smallest and largest ratio of height to width.",
                (RandomErasingRule rule) => rule.Ratio,
                (rule, value) => rule with { Ratio = value }
            ),
            Field.Required(
                "fill",
                Kind.Choice(("noise", ErasingFill.Noise), ("zero", ErasingFill.Zero)),
                "What the rectangle shows: normal noise, or the mean colour.",
                (RandomErasingRule rule) => rule.Fill,
                (rule, value) => rule with { Fill = value }
            )
        );

    public required double Probability { get; init; }

    /// <summary>Least and most part of the example.</summary>
    public required IReadOnlyList<double> Area { get; init; }

    /// <summary>Least and most ratio of height to width.</summary>
    public required IReadOnlyList<double> Ratio { get; init; }

    public required ErasingFill Fill { get; init; }
}

/// <summary>What an erased rectangle shows, in normalised values.</summary>
public enum ErasingFill
{
    /// <summary>The mean colour.</summary>
    Zero,

    /// <summary>N(0, 1) for every value.</summary>
    Noise,
}

/// <summary>
/// Mixes a batch with itself in reverse order, with one share for all of it; where both ways are on, each is taken half of the time.
/// </summary>
public sealed record MixingRule
{
    public static Fields<MixingRule> Fields { get; } =
        new(
            new MixingRule
            {
                Mixup = 0,
                Cutmix = 0,
                Probability = 1,
            },
            Field.Required(
                "mixup",
                Kind.Number(0, 100),
                "α of the share's distribution Beta(α, α) where values are averaged; 0 is off.",
                (MixingRule rule) => rule.Mixup,
                (rule, value) => rule with { Mixup = value }
            ) with
            {
                Words = rule => rule.Mixup > 0 ? ["Mixup"] : [],
            },
            Field.Required(
                "cutmix",
                Kind.Number(0, 100),
                "The same where a rectangle is pasted; 0 is off.",
                (MixingRule rule) => rule.Cutmix,
                (rule, value) => rule with { Cutmix = value }
            ) with
            {
                Words = rule => rule.Cutmix > 0 ? ["CutMix"] : [],
            },
            Field.Required(
                "probability",
                Kind.Positive(1),
                "Of a batch being mixed at all.",
                (MixingRule rule) => rule.Probability,
                (rule, value) => rule with { Probability = value }
            )
        )
        {
            Finish = (rule, node) =>
                rule is { Mixup: 0, Cutmix: 0 }
                    ? throw node.Error("'mixup' and 'cutmix' are both 0; allowed: at least one above 0, or no 'mixing'.")
                    : rule,
        };

    /// <summary>Of the share's distribution Beta(α, α) where values are averaged (arXiv:1710.09412); 0 is off.</summary>
    public required double Mixup { get; init; }

    /// <summary>The same where a rectangle is pasted (arXiv:1905.04899); 0 is off.</summary>
    public required double Cutmix { get; init; }

    /// <summary>Of a batch being mixed at all.</summary>
    public required double Probability { get; init; }
}
