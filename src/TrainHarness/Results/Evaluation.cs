using TrainHarness.Compute;

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

    /// <summary>Mean cross-entropy over the validation set.</summary>
    public required double Loss { get; init; }

    /// <summary>Each metric by its name, from 0 to 1.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
}
