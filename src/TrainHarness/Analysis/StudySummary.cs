using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>The answer of a study, made from its records alone.</summary>
/// <param name="Baseline">The entry that factors divide: the cheapest one of the baseline's architecture (protocol 1, a sound baseline).</param>
/// <param name="TargetFrom">The entry that set the target; null for a given target.</param>
/// <param name="DoublingTimeMonths">Least squares over the frontier of published dates, of resolved factors; null with fewer than three points.</param>
public sealed record StudySummary(
    string Study,
    TargetSummary Target,
    string Baseline,
    string? TargetFrom,
    IReadOnlyList<EntrySummary> Entries,
    double? DoublingTimeMonths)
{
    /// <param name="results">The finished trials of each entry, in the order of the study.</param>
    public static StudySummary Of(Study study, double? threshold, IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results)
    {
        var costs = study.AllEntries.ToDictionary(entry => entry.Name, entry => CostsOf(entry.Name, threshold, results));
        var baseline = CheapestBaseline(study, costs);
        var entries = study.AllEntries.Select(entry => EntrySummary.Of(entry, entry.Name == baseline, results[entry.Name], costs[entry.Name], costs[baseline], threshold)).ToList();
        var points = entries
            .Where(entry => entry is { ReductionFactor: >= 1, Resolved: true, Published: not null })
            .Select(entry => (entry.Published!.Value, entry.ReductionFactor!.Value));
        return new StudySummary(
            study.Name,
            new TargetSummary(study.Target.Metric, threshold),
            baseline,
            study.Target.FromBaseline ? study.Baseline.Name : null,
            entries,
            Trend.DoublingTimeMonths(Trend.Frontier(points)));
    }

    private static List<CostToTarget?> CostsOf(string entry, double? threshold, IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results) =>
        threshold is { } level
            ? [.. results[entry].Select(trial => CostToTarget.Of(trial, level, evaluation => evaluation.Ledger.Training.ToDouble()))]
            : [];

    private static string CheapestBaseline(Study study, Dictionary<string, List<CostToTarget?>> costs) => study.AllEntries
        .Where(entry => entry.Architecture == study.Baseline.Architecture && entry.Variant == study.Baseline.Variant)
        .Where(entry => costs[entry.Name].Count == study.Seeds.Count && costs[entry.Name].TrueForAll(cost => cost is { Reached: true }))
        .MinBy(entry => costs[entry.Name].Average(cost => Math.Log(cost!.Cost)))
        ?.Name ?? study.Baseline.Name;
}

/// <summary>What was to be reached; the threshold is null while the baseline has not set it.</summary>
public sealed record TargetSummary(string Metric, double? Threshold);

/// <summary>One row of the answer.</summary>
/// <param name="Reached">Number of trials that reached the target.</param>
/// <param name="Trials">Number of finished trials.</param>
/// <param name="FinalMetric">Mean over trials of the metric at the last evaluation.</param>
/// <param name="TrainingMacsToTarget">Geometric mean over trials, to the nearest whole number; null where a trial missed or diverged.</param>
/// <param name="ForwardMacsToTarget">The forward part of it, likewise.</param>
/// <param name="Low">Lower end of the factor's 95 % interval; null with fewer than three seeds on a side.</param>
public sealed record EntrySummary(
    string Entry,
    string Architecture,
    DateOnly? Published,
    int Reached,
    int Trials,
    int Diverged,
    double? FinalMetric,
    Macs? TrainingMacsToTarget,
    Macs? ForwardMacsToTarget,
    double? EpochsToTarget,
    double? SecondsToTarget,
    double? ReductionFactor,
    double? Low,
    double? High,
    Bound? Bound,
    bool Resolved)
{
    internal static EntrySummary Of(
        Entry entry, bool isBaseline, IReadOnlyList<TrialResult> trials, IReadOnlyList<CostToTarget?> costs, IReadOnlyList<CostToTarget?> baseline, double? threshold)
    {
        var factor = Analysis.ReductionFactor.Between(baseline, costs);
        return new EntrySummary(
            entry.Name,
            entry.Architecture,
            trials.Count > 0 ? trials[0].Record.Architecture.Published : null,
            costs.Count(cost => cost is { Reached: true }),
            trials.Count,
            trials.Count(trial => trial.Record.Outcome == Outcome.Diverged),
            trials.Select(trial => trial.FinalMetric).Average(),
            ToMacs(GeometricMean(trials, threshold, evaluation => evaluation.Ledger.Training.ToDouble())),
            ToMacs(GeometricMean(trials, threshold, evaluation => evaluation.Ledger.Forward.ToDouble())),
            GeometricMean(trials, threshold, evaluation => evaluation.Epoch),
            GeometricMean(trials, threshold, evaluation => evaluation.Seconds),
            factor?.Factor,
            // The baseline divided by itself is 1 and nothing else.
            isBaseline ? null : factor?.Low,
            isBaseline ? null : factor?.High,
            factor?.Bound,
            factor is { Resolved: true, Bound: null });
    }

    private static Macs? ToMacs(double? macs) => macs is { } count ? new Macs((UInt128)Math.Round(count)) : null;

    private static double? GeometricMean(IReadOnlyList<TrialResult> trials, double? threshold, Func<Evaluation, double> measure)
    {
        if (threshold is not { } level || trials.Count == 0)
            return null;
        var costs = trials.Select(trial => CostToTarget.Of(trial, level, measure)).ToList();
        return costs.TrueForAll(cost => cost is { Reached: true }) ? Math.Exp(costs.Average(cost => Math.Log(cost!.Cost))) : null;
    }
}
