using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Results;

/// <summary>One pass over the validation set, with everything spent so far.</summary>
public sealed record Evaluation
{
    /// <summary>Optimizer steps taken.</summary>
    public required long Step { get; init; }

    /// <summary>Passes over the training set, in parts.</summary>
    public required double Epoch { get; init; }

    /// <summary>Training examples seen.</summary>
    public required long Examples { get; init; }

    public required ComputeLedger Ledger { get; init; }

    /// <summary>Training time; evaluation, start-up and packing are not in it.</summary>
    public required double Seconds { get; init; }

    /// <summary>Energy of training; null where it was not measured all the time.</summary>
    public required double? Joules { get; init; }

    /// <summary>Mean over the validation set of what training makes small: for images the cross-entropy. It is a metric too. Null where the
    /// workload has none.</summary>
    public required double? Loss { get; init; }

    /// <summary>Each metric but the loss, by its name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The value of a metric.</summary>
    /// <exception cref="KeyNotFoundException">The evaluation has no such metric.</exception>
    public double ValueOf(string metric) =>
        metric == Metric.LossName ? Loss ?? throw new KeyNotFoundException("The evaluation has no loss.") : Metrics[metric];
}
