namespace TrainHarness.Protocol;

/// <summary>The learning rates that each entry of a study is tried with, one grid for all, and how much training a try gets.</summary>
public sealed record ScanRule
{
    /// <summary>At least two, rising.</summary>
    public required IReadOnlyList<double> LearningRates { get; init; }

    /// <summary>Length of the schedule of a try; null keeps the recipe's own.</summary>
    public required int? Epochs { get; init; }

    /// <summary>Part of the study's own training examples, above 0, at most 1.</summary>
    public required double TrainFraction { get; init; }
}
