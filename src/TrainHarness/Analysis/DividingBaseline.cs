using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>
/// The entry that factors divide by at a level: the cheapest one of the baseline's architecture (results/PROTOCOL.md, the target).
/// </summary>
internal static class DividingBaseline
{
    /// <summary>The study's own baseline where no entry of its architecture reached the level with every seed.</summary>
    public static string At(double? level, Study study, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves) =>
        level is not { } threshold
            ? study.Baseline.Name
            : Schedules(study)
                .Where(entry =>
                    curves[entry.Name].Count == study.Seeds.Count
                    && curves[entry.Name].All(trial => trial.CrossingOf(threshold) is not null)
                )
                .MinBy(entry => LogCost(curves[entry.Name], threshold))
                ?.Name
                ?? study.Baseline.Name;

    /// <summary>
    /// Whether the records tell which schedule is the cheapest at a level: one that stopped before it, and had spent less than another did
    /// to it, may be.
    /// </summary>
    public static bool IsKnownAt(double level, Study study, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
    {
        var dividing = curves[At(level, study, curves)];
        var cheapest = dividing.All(trial => trial.CrossingOf(level) is not null) ? LogCost(dividing, level) : double.PositiveInfinity;
        return Schedules(study)
            .Select(entry => curves[entry.Name].Where(trial => trial.Counts).ToList())
            .Where(trials => trials.Exists(trial => !trial.RanWholeSchedule && trial.CrossingOf(level) is null))
            .All(stopped => LogCost(stopped, level) >= cheapest);
    }

    private static double LogCost(IReadOnlyList<TrialCurve> trials, double level) =>
        trials.Count == 0 ? double.PositiveInfinity : trials.Average(trial => Math.Log(trial.TrainingCostTo(level)!.Cost));

    /// <summary>The entries of the baseline's architecture that may divide.</summary>
    public static IEnumerable<Entry> Schedules(Study study) =>
        study.AllEntries.Where(entry => entry.Architecture == study.Baseline.Architecture && IsSchedule(entry, study.Baseline));

    // Another recipe runs at the best rate of its own scan; another rate of the baseline's own recipe is a try of a scan. Less data,
    // smaller examples or another width are no schedule.
    private static bool IsSchedule(Entry entry, Entry baseline) =>
        entry.Variant == baseline.Variant
        || (entry.Recipe.Name != baseline.Recipe.Name && entry.Variant?.WithoutRate == baseline.Variant?.WithoutRate);

    /// <summary>
    /// Whether an entry has as much of the data, and examples, width and depth of the same size, as the baseline. Another one is another
    /// method, which stands in no trend and no headline.
    /// </summary>
    public static bool IsOfItsScale(Entry entry, Study study) => entry.Variant?.WithoutRate == study.Baseline.Variant?.WithoutRate;

    /// <summary>
    /// Whether a slightly lower level would have cost clearly less: the mean over trials of what they gained over the last fifth of their
    /// way.
    /// </summary>
    public static bool IsFlatAt(double level, IReadOnlyList<TrialCurve> baseline)
    {
        var gaining = baseline.Where(trial => trial.GainBefore(level) is not null).ToList();
        if (gaining.Count == 0)
            return false;
        var metric = gaining[0].Metric;
        var min = metric.FlatGain ?? gaining.Average(trial => metric.Gain(trial.First, level) * Metric.FlatPart);
        return gaining.Average(trial => trial.GainBefore(level)!.Value) < min;
    }
}
