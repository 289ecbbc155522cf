namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>What an architecture leaves open until a network is built.</summary>
/// <param name="Classes">Number of classes.</param>
/// <param name="ImageSize">
/// Width and height in pixels; decides the number of learnt positions of a vision transformer, and nothing elsewhere.
/// </param>
public sealed record NetworkOptions(int Classes, int ImageSize = 224)
{
    /// <summary>Adds the auxiliary heads of googlenet and inception_v3, which run in training mode only.</summary>
    public bool AuxiliaryHeads { get; init; }

    /// <summary>
    /// Probability that the last residual branch is dropped for an example (arXiv:1603.09382); null leaves the architecture's own.
    /// </summary>
    public double? DropPath { get; init; }

    /// <summary>Times as many channels as published; 1 where the architecture has no such multiplier.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Times as many layers as published; likewise.</summary>
    public double Depth { get; init; } = 1;
}
