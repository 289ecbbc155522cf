using TrainHarness.Compute;
using TrainHarness.Results;

namespace TrainHarness.Training.Checkpoints;

/// <summary>All of a training run that is no tensor.</summary>
internal sealed record CheckpointHeader
{
    public required CheckpointOrigin Origin { get; init; }

    /// <summary>Optimizer steps taken; with the trial's seed it decides the order of the examples and every augmentation.</summary>
    public required long Step { get; init; }

    public required long Examples { get; init; }

    public required ComputeLedger Ledger { get; init; }

    public required double LatestLoss { get; init; }

    public required IReadOnlyList<Evaluation> Evaluations { get; init; }

    /// <summary>What the evaluation clock said after each of them; null in checkpoints of versions that did not keep it.</summary>
    public IReadOnlyList<double?>? EvaluationEnds { get; init; }

    public required double TrainingSeconds { get; init; }

    public required double EvaluationSeconds { get; init; }

    public required double DataWaitSeconds { get; init; }

    /// <summary>Energy of training; null where it is not known.</summary>
    public double? Joules { get; init; }

    /// <summary>What counted it; null where nothing did, and in checkpoints of versions that measured none.</summary>
    public string? EnergyMeter { get; init; }

    /// <summary>Of all attempts up to here, each from its start.</summary>
    public required double Seconds { get; init; }

    /// <summary>In which the process was suspended; in no other time here. Null in checkpoints of versions that did not look.</summary>
    public double? SuspendedSeconds { get; init; }

    /// <summary>How many trials shared its device in any of its attempts; null in checkpoints of versions where none could.</summary>
    public int? TrialsPerDevice { get; init; }

    /// <summary>When the first attempt started.</summary>
    public required DateTimeOffset Started { get; init; }
}
