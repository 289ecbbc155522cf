using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>A reduction factor in one measure of cost, split into how often examples were seen and what one of them cost.</summary>
/// <param name="Cost">
/// The entry's geometric mean to the target, of counts to the nearest whole number; null where a trial missed, and where the measure is not
/// known.
/// </param>
/// <param name="Factor">Null where nothing can be said; <paramref name="Unknown"/> says why where the measure is the reason.</param>
/// <param name="ExamplesFactor">
/// Baseline examples to target ÷ the entry's, which is the ratio of epochs where both have the same data; null for a bound.
/// </param>
/// <param name="PerExampleFactor">Baseline cost of an example ÷ the entry's, so that both multiply to the factor; null for a bound.</param>
/// <param name="Unknown">Why the measure gives no factor, in a few words; null where it could.</param>
public sealed record MeasuredFactor(
    CostMeasure Measure,
    Amount? Cost,
    ReductionFactor? Factor,
    double? ExamplesFactor,
    double? PerExampleFactor,
    string? Unknown
)
{
    internal static MeasuredFactor Of(
        CostMeasure measure,
        IReadOnlyList<TrialCurve> baseline,
        IReadOnlyList<TrialCurve> entry,
        double threshold,
        PriceList prices,
        bool isBaseline
    )
    {
        var cost = Mean(entry, threshold, measure, prices);
        if (WhyNot(measure, baseline, entry, threshold, prices) is { } unknown)
            return new MeasuredFactor(measure, cost, null, null, null, unknown);
        var factor = ReductionFactor.Between(Costs(baseline, threshold, measure, prices), Costs(entry, threshold, measure, prices));
        // The baseline divided by itself is 1 and nothing else.
        if (isBaseline && factor is not null)
            factor = factor with { Low = null, High = null };
        if (factor is not { Bound: null })
            return new MeasuredFactor(measure, cost, factor, null, null, null);
        var examples = ReductionFactor
            .Between(Costs(baseline, threshold, CostMeasure.Examples, prices), Costs(entry, threshold, CostMeasure.Examples, prices))!
            .Factor;
        return new MeasuredFactor(measure, cost, factor, examples, factor.Factor / examples, null);
    }

    /// <summary>Over trials that all reached the level; null otherwise, and where the measure is not known of one.</summary>
    internal static Amount? Mean(IReadOnlyList<TrialCurve> trials, double threshold, CostMeasure measure, PriceList prices)
    {
        if (trials.Count == 0 || trials.Any(trial => trial.CrossingOf(threshold) is null) || !OneMeter(measure, trials))
            return null;
        var spent = trials.Select(trial => SpentAt(trial, threshold, measure, prices)).ToList();
        if (!spent.TrueForAll(amount => amount?.Value > 0))
            return null;
        return spent[0]!.Value.Count is null
            ? new Amount(GeometricMean.Of([.. spent.Select(amount => amount!.Value.Value)]))
            : Amount.Of(GeometricMean.Of([.. spent.Select(amount => amount!.Value.Count!.Value)]));
    }

    private static string? WhyNot(
        CostMeasure measure,
        IReadOnlyList<TrialCurve> baseline,
        IReadOnlyList<TrialCurve> entry,
        double threshold,
        PriceList prices
    )
    {
        var trials = baseline.Concat(entry).Where(trial => trial.Counts).ToList();
        if (measure.NeedsOwnDevice && trials.Exists(trial => !trial.Record.Clocks.IsItsOwn))
            return "trials shared a device";
        if (trials.Select(trial => measure.WhyUnknown(trial.Record, prices)).FirstOrDefault(why => why is not null) is { } unknown)
            return unknown;
        if (trials.Exists(trial => SpentAt(trial, threshold, measure, prices) is not { Value: > 0 }))
            return "not measured";
        if (!OneMeter(measure, trials))
            return "not one kind of meter";
        if (!measure.NeedsOneMachine)
            return null;
        // Two machines that nobody named may be two.
        if (trials.Exists(trial => trial.Record.Environment.DeviceName is null))
            return "an unknown device";
        return trials.DistinctBy(trial => (trial.Record.Environment.DeviceName, trial.Record.Environment.Threads)).Count() > 1
            ? "not one machine"
            : null;
    }

    private static bool OneMeter(CostMeasure measure, IEnumerable<TrialCurve> trials) =>
        measure.Meter is not { } meter || trials.Select(trial => meter(trial.Record)).Distinct().Count() <= 1;

    private static List<CostToTarget?> Costs(IReadOnlyList<TrialCurve> trials, double threshold, CostMeasure measure, PriceList prices) =>
        [.. trials.Select(trial => trial.CostTo(threshold, evaluation => measure.SpentAt(evaluation, trial.Record, prices)!.Value))];

    private static Amount? SpentAt(TrialCurve trial, double threshold, CostMeasure measure, PriceList prices) =>
        measure.SpentAt(trial.DecidingAt(threshold)!, trial.Record, prices);
}
