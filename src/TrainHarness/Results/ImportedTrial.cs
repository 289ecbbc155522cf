using System.Globalization;
using TrainHarness.Compute;

namespace TrainHarness.Results;

/// <summary>
/// A trial that another program ran and counted. Nothing in it was measured here, so it stands beside the trials of a study, never among
/// them.
/// </summary>
public sealed record ImportedTrial
{
    public required string Architecture { get; init; }

    /// <summary>How it was trained; null where the file does not say.</summary>
    public string? Recipe { get; init; }

    /// <summary>Day of the architecture's publication; null where nobody says.</summary>
    public DateOnly? Published { get; init; }

    public string? Paper { get; init; }

    public required int Seed { get; init; }

    /// <summary>What it was trained on, by the name that the study has for it.</summary>
    public required string Dataset { get; init; }

    /// <summary>Name of the metric of its evaluations.</summary>
    public required string Metric { get; init; }

    /// <summary>How the metric is computed, as <see cref="Protocol.Metric.Signature"/>.</summary>
    public string? Signature { get; init; }

    /// <summary>How its multiply-adds were counted.</summary>
    public required StatedConvention Convention { get; init; }

    /// <summary>The program that trained it, with its version.</summary>
    public string? Framework { get; init; }

    public string? Device { get; init; }

    /// <summary>Oldest first; at least one.</summary>
    public required IReadOnlyList<ImportedEvaluation> Evaluations { get; init; }

    public string Entry => Recipe is null ? Architecture : $"{Architecture}.{Recipe}";

    /// <summary>ENTRY/seed-N.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Entry}/seed-{Seed}");
}

/// <summary>The metric of an imported trial, with everything spent so far.</summary>
/// <param name="Examples">Training examples seen.</param>
/// <param name="TrainingMacs">By the trial's convention: forward and backward, or three times forward.</param>
/// <param name="Seconds">Of training; null where nobody measured them.</param>
public sealed record ImportedEvaluation(long Examples, Macs TrainingMacs, double? Seconds, double Value);
