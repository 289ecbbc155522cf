namespace TrainHarness.Protocol;

/// <summary>The declared part of a dataset that a study uses; part of the dataset's fingerprint.</summary>
public sealed record Subset
{
    public static Subset Everything { get; } = new() { Classes = null, FirstClasses = null, TrainFraction = 1, ValidationFraction = 1 };

    /// <summary>Names of the classes to keep; null keeps all, or <see cref="FirstClasses"/>.</summary>
    public required IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Keeps that many classes, the first by the SHA-256 of their names; null keeps all, or <see cref="Classes"/>.</summary>
    public required int? FirstClasses { get; init; }

    /// <summary>Part of each class's training examples to keep, the first by the SHA-256 of their names; above 0, at most 1.</summary>
    public required double TrainFraction { get; init; }

    /// <summary>Likewise of the validation examples.</summary>
    public required double ValidationFraction { get; init; }
}
