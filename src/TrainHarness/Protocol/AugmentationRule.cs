using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>Random resized crop and horizontal flip (arXiv:1409.4842, section 6), and what later recipes add to them. Null is off.</summary>
public sealed record AugmentationRule
{
    /// <summary>Least and most part of the area that a crop keeps.</summary>
    public required IReadOnlyList<double> CropScale { get; init; }

    /// <summary>Least and most ratio of a crop's width to its height.</summary>
    public required IReadOnlyList<double> CropRatio { get; init; }

    /// <summary>Probability of a mirrored example.</summary>
    public required double Flip { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RandAugmentRule? RandAugment { get; init; }

    /// <summary>Standard deviation of the colour noise along the principal components of ImageNet's colours (Krizhevsky et al. 2012, section 4.1).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Lighting { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RandomErasingRule? RandomErasing { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MixingRule? Mixing { get; init; }
}

/// <summary>Random operations of one strength on every example (arXiv:1909.13719), with the fourteen operations and the magnitudes of torchvision.</summary>
public sealed record RandAugmentRule
{
    /// <summary>How many, one after the other.</summary>
    public required int Operations { get; init; }

    /// <summary>From 0 to <see cref="MostMagnitude"/>.</summary>
    public required double Magnitude { get; init; }

    /// <summary>Standard deviation of the magnitude, drawn anew for every operation.</summary>
    public double MagnitudeDeviation { get; init; }

    public const double MostMagnitude = 30;
}

/// <summary>Hides a rectangle of an example (arXiv:1708.04896).</summary>
public sealed record RandomErasingRule
{
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
    /// <summary>Of the share's distribution Beta(α, α) where values are averaged (arXiv:1710.09412); 0 is off.</summary>
    public required double Mixup { get; init; }

    /// <summary>The same where a rectangle is pasted (arXiv:1905.04899); 0 is off.</summary>
    public required double Cutmix { get; init; }

    /// <summary>Of a batch being mixed at all.</summary>
    public required double Probability { get; init; }
}
