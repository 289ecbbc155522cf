using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>What a learning-rate scan found, made from its records alone.</summary>
/// <param name="Scan">Name of the scan.</param>
/// <param name="ScanOf">The study that it was made for.</param>
/// <param name="Metric">What counts, at the end of a schedule; as the trials' records have it.</param>
/// <param name="TrainingMacs">Everything that all its finished trials spent on training.</param>
public sealed record ScanSummary(string Scan, string ScanOf, Metric Metric, IReadOnlyList<ScannedEntry> Entries, Macs TrainingMacs)
{
    /// <param name="results">The finished trials of each entry of the scan.</param>
    public static ScanSummary Of(Study scan, IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results)
    {
        var metric = results.Values.SelectMany(trials => trials).FirstOrDefault()?.Record.Metric ?? scan.Target.Metric;
        var entries = scan
            .AllEntries.GroupBy(LearningRateScan.NameWithoutRate)
            .Select(group =>
                ScannedEntry.Of(
                    group.Key,
                    [.. group.Select(entry => ScannedRate.Of(entry.Variant!.LearningRate!.Value, results[entry.Name]))],
                    metric
                )
            )
            .ToList();
        var spent = Macs.Sum(results.Values.SelectMany(trials => trials).Select(trial => trial.Record.Ledger.Training));
        return new ScanSummary(scan.Name, scan.ScanOf!, metric, entries, spent);
    }

    /// <summary>The scanned entry that an entry of the study is a variant of; null where it was not scanned whole.</summary>
    public ScannedEntry? For(Entry entry) =>
        Entries.FirstOrDefault(scanned => scanned.Entry == LearningRateScan.NameWithoutRate(entry) && scanned.Best is not null);
}

/// <summary>One entry with all rates of the grid.</summary>
/// <param name="Entry">Architecture and recipe.</param>
/// <param name="Best">
/// The rate with the best metric at the end of its schedule, the smaller one of two equals; null while a rate is missing, and where none
/// left chance.
/// </param>
/// <param name="IsAtEdge">The best rate is the smallest or the largest of the grid: a better one may lie beyond.</param>
public sealed record ScannedEntry(string Entry, IReadOnlyList<ScannedRate> Rates, double? Best, bool IsAtEdge)
{
    public static ScannedEntry Of(string entry, IReadOnlyList<ScannedRate> rates, Metric metric)
    {
        var rising = rates.OrderBy(rate => rate.LearningRate).ToList();
        var best = rising.TrueForAll(rate => rate.Outcome is not null)
            ? rising.Where(rate => rate.HasLearned(metric)).MaxBy(rate => metric.Gain(0, rate.FinalMetric!.Value))?.LearningRate
            : null;
        return new ScannedEntry(
            entry,
            rising,
            best,
            best is not null && (best == rising[0].LearningRate || best == rising[^1].LearningRate)
        );
    }
}

/// <summary>One rate of one entry.</summary>
/// <param name="Outcome">Null while the trial has not run.</param>
/// <param name="FinalMetric">At the last evaluation; null without one.</param>
/// <param name="FirstMetric">At the first one, likewise.</param>
public sealed record ScannedRate(double LearningRate, Outcome? Outcome, double? FinalMetric, Macs? TrainingMacs, double? FirstMetric)
{
    public static ScannedRate Of(double rate, IReadOnlyList<TrialResult> trials) =>
        trials is [var trial, ..]
            ? new ScannedRate(rate, trial.Record.Outcome, trial.FinalMetric, trial.Record.Ledger.Training, trial.FirstMetric)
            : new ScannedRate(rate, null, null, null, null);

    /// <summary>
    /// Whether its result says something about the rate: a network at chance would have stayed there with another one, too.
    /// </summary>
    public bool HasLearned(Metric metric) =>
        Outcome is not (null or Results.Outcome.Diverged)
        && FirstMetric is { } first
        && FinalMetric is { } last
        && metric.HasLeftChance(first, last);
}
