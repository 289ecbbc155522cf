using TrainHarness.Compute;

namespace TrainHarness.Published;

/// <summary>One published system at one level: what was printed, and what its raw inputs make of it.</summary>
/// <param name="Published">Day of publication.</param>
/// <param name="Compute">As printed, in <paramref name="Unit"/>; null where nothing is printed.</param>
/// <param name="Unit">Of <paramref name="Compute"/>, such as <c>teraflop/s-days</c>.</param>
/// <param name="Convention">What the compute counts.</param>
/// <param name="ReductionFactor">As printed; null where none is.</param>
/// <param name="RecomputedFactor">The first row's raw inputs ÷ this row's; null where they do not compare, which a flag then says.</param>
/// <param name="Flags">Contradictions and caveats, in sentences.</param>
/// <param name="Source">Where all of it was printed.</param>
public sealed record PublishedRow(
    string System,
    DateOnly Published,
    double? Compute,
    string Unit,
    StatedConvention Convention,
    double? ReductionFactor,
    double? RecomputedFactor,
    IReadOnlyList<string> Flags,
    string Source
)
{
    /// <summary>What the raw inputs multiply to, in <see cref="Unit"/>; null without raw inputs.</summary>
    public double? RecomputedCompute { get; init; }

    /// <summary>Passes over the training set; null where not printed.</summary>
    public double? Epochs { get; init; }

    /// <summary>Forward multiply-adds of one example in units of 1e9; null where not printed.</summary>
    public double? GigaMultiplyAdds { get; init; }

    /// <summary>The first row's epochs ÷ this row's; null without epochs.</summary>
    public double? EpochsFactor { get; init; }

    /// <summary>The first row's multiply-adds of an example ÷ this row's; null without them.</summary>
    public double? PerExampleFactor { get; init; }

    /// <summary>Compute ÷ the first row's, where systems are not compared but what they cost grew; null elsewhere.</summary>
    public double? Growth { get; init; }

    /// <summary>Time that a training run took; null where not printed.</summary>
    public double? Hours { get; init; }
}
