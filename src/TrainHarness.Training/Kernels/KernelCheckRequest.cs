using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Kernels;

/// <summary>What decides which shapes run through which layers: enough to build the network and to know every batch.</summary>
public sealed record KernelCheckRequest
{
    /// <summary>As in the catalogue.</summary>
    public required string Architecture { get; init; }

    public required int Classes { get; init; }

    /// <summary>Pixels.</summary>
    public required int ImageSize { get; init; }

    public required bool AuxiliaryHeads { get; init; }

    public required double? DropPath { get; init; }

    /// <summary>Multiplier of its channels.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Multiplier of its layers.</summary>
    public double Depth { get; init; } = 1;

    public required Precision Precision { get; init; }

    public required MemoryFormat MemoryFormat { get; init; }

    /// <summary>Sizes of the batches that are trained on, the last partial one included.</summary>
    public required IReadOnlyList<int> TrainingBatches { get; init; }

    /// <summary>Likewise of those that are only evaluated.</summary>
    public required IReadOnlyList<int> EvaluationBatches { get; init; }

    public required int Threads { get; init; }
}
