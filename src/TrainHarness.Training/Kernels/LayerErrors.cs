namespace TrainHarness.Training.Kernels;

/// <summary>
/// How far a layer's results are from double precision: the largest difference over the largest element. Null where it is not computed.
/// </summary>
public sealed record LayerErrors
{
    /// <summary>Path in the network.</summary>
    public required string Layer { get; init; }

    public required string Shape { get; init; }

    public required double Forward { get; init; }

    public required double? GradInput { get; init; }

    public required double? GradWeight { get; init; }

    public required double? GradBias { get; init; }

    /// <summary>The first result that is further off than its tolerance allows, in words; null where all are right.</summary>
    public required string? Wrong { get; init; }
}
