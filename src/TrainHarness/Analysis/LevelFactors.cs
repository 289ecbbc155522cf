using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>Makes the factors of a study at one level after the other; what did not change from the last level is kept.</summary>
internal sealed class LevelFactors(Study study, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
{
    private readonly Dictionary<string, (IReadOnlyList<int?> Crossings, ReductionFactor? Factor)> last = [];

    private (string Baseline, IReadOnlyList<int?> Crossings)? lastBaseline;

    public ThresholdPoint At(double level)
    {
        var baseline = DividingBaseline.At(level, study, curves);
        var crossings = Crossings(baseline, level);
        if (lastBaseline is not { } before || before.Baseline != baseline || !before.Crossings.SequenceEqual(crossings))
            last.Clear();
        lastBaseline = (baseline, crossings);
        var costs = Costs(curves[baseline], level);
        var factors = study.AllEntries.Select(entry => new LevelFactor(entry.Name, FactorOf(entry.Name, baseline, costs, level))).ToList();
        var points = study
            .AllEntries.Zip(factors)
            .Where(pair => pair.Second.Factor is { Factor: >= 1, Bound: null, Resolved: true })
            .Where(pair => DividingBaseline.IsOfItsScale(pair.First, study))
            // What has no date is no point of a trend.
            .Where(pair => curves[pair.First.Name][0].Record.Architecture.Published is not null)
            .Select(pair => new TrendPoint(
                pair.First.Name,
                curves[pair.First.Name][0].Record.Architecture.Published!.Value,
                pair.Second.Factor!.Factor
            ))
            .ToList();
        return new ThresholdPoint(
            level,
            baseline,
            DividingBaseline.IsFlatAt(level, curves[baseline]),
            factors,
            // As of the study: a trend begins with what divides.
            points.Exists(point => point.Name == baseline)
                ? Trend.DoublingTimeMonths(Trend.Frontier(points))
                : null
        );
    }

    /// <summary>Exact training multiply-adds to a level.</summary>
    public static List<CostToTarget?> Costs(IReadOnlyList<TrialCurve> trials, double level) =>
        [.. trials.Select(trial => trial.TrainingCostTo(level))];

    private List<int?> Crossings(string entry, double level) => [.. curves[entry].Select(trial => trial.CrossingOf(level))];

    private ReductionFactor? FactorOf(string entry, string baseline, List<CostToTarget?> baselineCosts, double level)
    {
        var crossings = Crossings(entry, level);
        if (last.TryGetValue(entry, out var before) && before.Crossings.SequenceEqual(crossings))
            return before.Factor;
        var factor = ReductionFactor.Between(baselineCosts, Costs(curves[entry], level));
        // The baseline divided by itself is 1 and nothing else.
        if (entry == baseline && factor is not null)
            factor = factor with { Low = null, High = null };
        last[entry] = (crossings, factor);
        return factor;
    }
}
