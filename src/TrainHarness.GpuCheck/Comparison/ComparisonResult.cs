using MathNet.Numerics.Statistics;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>All comparisons of one machine.</summary>
/// <param name="Machine">Processor, cores and system.</param>
internal sealed record ComparisonResults(string Machine, IReadOnlyList<ComparisonResult> Cells)
{
    /// <summary>Over the cells, of the ratio to the fastest Python; null where nothing was compared.</summary>
    public static double? GeometricMean(IEnumerable<ComparisonResult> cells)
    {
        var ratios = cells.Select(cell => cell.Smallest()?.Ratio).OfType<double>().ToList();
        return ratios.Count > 0 ? ratios.GeometricMean() : null;
    }
}

/// <summary>One work on all sides.</summary>
internal sealed record ComparisonResult
{
    public required ComparedWork Work { get; init; }

    public required Allocator Allocator { get; init; }

    public required SideResult Ours { get; init; }

    /// <summary>One for each Python.</summary>
    public required IReadOnlyList<SideResult> Theirs { get; init; }

    /// <summary>Against the fastest Python as it comes, without torch.compile; null where none was compared.</summary>
    public SideResult? Smallest() => Theirs.Where(side => side.Ratio is not null && !side.IsCompiled).MinBy(side => side.Ratio);
}

/// <summary>What one side measured.</summary>
internal sealed record SideResult
{
    /// <summary>Null where the side said nothing.</summary>
    public required SideDescription? Description { get; init; }

    public required string Name { get; init; }

    /// <summary>One step, in each turn.</summary>
    public required IReadOnlyList<double> Seconds { get; init; }

    /// <summary>
    /// Its median over TrainHarness's median: above 1, TrainHarness is faster. Null where the sides do not do the same work.
    /// </summary>
    public required double? Ratio { get; init; }

    /// <summary>The smallest and the largest ratio of one round.</summary>
    public required double? Low { get; init; }

    public required double? High { get; init; }

    /// <summary>Why it was not compared.</summary>
    public required string? Refusal { get; init; }

    /// <summary>Whether it compiles the network first, which it may not be able to.</summary>
    public bool IsCompiled { get; init; }

    public double MedianSeconds() => Seconds.Median();

    public static SideResult Of(string name, SideDescription description, IReadOnlyList<double> seconds, IReadOnlyList<double> ours)
    {
        double[] ratios = [.. seconds.Zip(ours, (theirs, own) => theirs / own)];
        return new SideResult
        {
            Name = name,
            Description = description,
            Seconds = seconds,
            Ratio = seconds.Median() / ours.Median(),
            Low = ratios.Min(),
            High = ratios.Max(),
            Refusal = null,
        };
    }

    public static SideResult Refused(string name, SideDescription? description, string reason) =>
        new()
        {
            Name = name,
            Description = description,
            Seconds = [],
            Ratio = null,
            Low = null,
            High = null,
            Refusal = reason,
        };
}
