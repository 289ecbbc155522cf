using TrainHarness.Analysis;

namespace TrainHarness.Published;

/// <summary>How much more a training run can do: hardware × algorithms × spending (arXiv:2005.04305, section 4).</summary>
/// <param name="From">Where the time over which they grew begins.</param>
/// <param name="Parts">What is not known is not among them.</param>
public sealed record EffectiveCompute(string Title, DateOnly From, DateOnly To, IReadOnlyList<GrowthPart> Parts)
{
    /// <summary>The published one: AI and Compute's growth of the largest runs × the algorithmic progress of the same years.</summary>
    public static EffectiveCompute Published => OfLevel(PublishedLedger.Level("effective-compute"));

    /// <summary>The product of the parts.</summary>
    public double Factor => Parts.Aggregate(1.0, (product, part) => product * part.Factor);

    /// <summary>
    /// Lower end of the product's 95 % interval, of parts that are independent; those without an interval are taken as they are. Null where
    /// none has one.
    /// </summary>
    public double? Low => Spread(part => part.Low) is { } spread ? Factor / Math.Exp(spread) : null;

    /// <summary>Upper end, likewise.</summary>
    public double? High => Spread(part => part.High) is { } spread ? Factor * Math.Exp(spread) : null;

    /// <summary>
    /// A study's own: its best resolved factor of a network later than the baseline, and what computation for a dollar grew by between the
    /// dates of the two networks. A study says nothing about spending.
    /// </summary>
    /// <returns>Null without such a factor.</returns>
    public static EffectiveCompute? Of(StudySummary summary)
    {
        var baseline = summary.Entries.FirstOrDefault(entry => entry.Entry == summary.Baseline);
        if (baseline?.Published is not { } from)
            return null;
        var best = summary
            .Entries.Where(entry => entry is { Resolved: true, IsOfItsScale: true, ReductionFactor: > 1 } && entry.Published > from)
            .MaxBy(entry => entry.ReductionFactor);
        if (best?.Published is not { } to)
            return null;
        var moore = ComparisonLine.All[0];
        return new EffectiveCompute(
            $"{summary.Study}: {baseline.Entry} to {best.Entry}",
            from,
            to,
            [
                new GrowthPart("hardware", moore.At(from, to), null, null, moore.Assumption),
                new GrowthPart("algorithms", best.ReductionFactor!.Value, best.Low, best.High, "measured here, to the same level"),
            ]
        );
    }

    private static EffectiveCompute OfLevel(PublishedLevel level) =>
        new(
            level.Title,
            new DateOnly(2012, 6, 1),
            new DateOnly(2018, 5, 16),
            [
                .. ((string[])["hardware", "algorithms", "spending"])
                    .Select(name => level.Rows.First(row => row.System == name))
                    .Select(row => new GrowthPart(row.System, row.Compute ?? row.RecomputedCompute!.Value, null, null, row.Source)),
            ]
        );

    private double? Spread(Func<GrowthPart, double?> end)
    {
        var logs = Parts.Select(part => end(part) is { } value ? Math.Log(value / part.Factor) : (double?)null).OfType<double>().ToList();
        return logs.Count == 0 ? null : Math.Sqrt(logs.Sum(log => log * log));
    }
}

/// <summary>One of the parts.</summary>
/// <param name="Low">Lower end of its 95 % interval; null where none is known.</param>
/// <param name="Source">Who says so, and of what.</param>
public sealed record GrowthPart(string Name, double Factor, double? Low, double? High, string Source);
