namespace TrainHarness.Analysis;

/// <summary>What a factor is when an entry or the baseline missed the target.</summary>
public enum Bound
{
    /// <summary>The entry missed: it saves at most this much.</summary>
    AtMost,

    /// <summary>The baseline missed: the entry saves at least this much.</summary>
    AtLeast,
}

/// <summary>Baseline cost to target ÷ entry cost to target.</summary>
/// <param name="Factor">Ratio of the geometric means over seeds.</param>
/// <param name="Low">
/// Lower end of the 95 % interval; null with fewer than three seeds on a side, for a bound, and where all seeds of each side cost the same
/// or crossed at the same evaluation.
/// </param>
/// <param name="High">Upper end, likewise.</param>
/// <param name="Bound">Null where every trial reached the target.</param>
/// <param name="Resolved">Every crossing has enough evaluations before it.</param>
public sealed record ReductionFactor(double Factor, double? Low, double? High, Bound? Bound, bool Resolved)
{
    /// <summary>Null where nothing can be said: a diverged trial, no trial, or misses on both sides.</summary>
    public static ReductionFactor? Between(IReadOnlyList<CostToTarget?> baseline, IReadOnlyList<CostToTarget?> entry)
    {
        var numerator = baseline.OfType<CostToTarget>().ToList();
        var denominator = entry.OfType<CostToTarget>().ToList();
        if (numerator.Count == 0 || denominator.Count == 0 || numerator.Count < baseline.Count || denominator.Count < entry.Count)
            return null;
        var baselineMissed = numerator.Any(cost => !cost.Reached);
        var entryMissed = denominator.Any(cost => !cost.Reached);
        if (baselineMissed && entryMissed)
            return null;
        Bound? bound =
            entryMissed ? Analysis.Bound.AtMost
            : baselineMissed ? Analysis.Bound.AtLeast
            : null;
        var logNumerator = numerator.ConvertAll(cost => Math.Log(cost.Cost));
        var logDenominator = denominator.ConvertAll(cost => Math.Log(cost.Cost));
        var difference = logNumerator.Average() - logDenominator.Average();
        var margin =
            bound is null && !(IsOneCrossing(numerator) && IsOneCrossing(denominator))
                ? LogContrast.Margin([(1, logNumerator), (-1, logDenominator)])
                : null;
        return new ReductionFactor(
            Math.Exp(difference),
            margin is { } below ? Math.Exp(difference - below) : null,
            margin is { } above ? Math.Exp(difference + above) : null,
            bound,
            numerator.Concat(denominator).All(cost => cost.Resolved)
        );
    }

    /// <summary>
    /// Whether the evaluations were too far apart to tell the seeds apart: what differs then is a clock's noise, or what generation cost,
    /// and says nothing of where the crossings lie.
    /// </summary>
    internal static bool IsOneCrossing(IReadOnlyList<CostToTarget> costs) =>
        costs[0].Evaluation is { } first && costs.All(cost => cost.Evaluation == first);

    /// <summary>Exactly zero for equal values, whose mean may be off in the last digit.</summary>
    internal static double Variance(IReadOnlyList<double> values)
    {
        if (values.All(value => value == values[0]))
            return 0;
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
    }
}
