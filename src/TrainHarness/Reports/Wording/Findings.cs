using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports.Wording;

/// <summary>What a reader must know before believing a factor, in sentences.</summary>
public static class Findings
{
    private const int MaxShown = 20;

    private const int MaxNamed = 3;

    public static IReadOnlyList<string> Of(
        Study study,
        StudySummary summary,
        IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results
    )
    {
        var findings = new List<string>();
        var missing = study.Trials.Count() - results.Values.Sum(trials => trials.Count);
        if (
            missing > 0
            && study.Target is { FromBaseline: true, Threshold: null }
            && results[study.Baseline.Name].Any(trial => trial.Record.Outcome == Outcome.Diverged)
        )
            findings.Add(
                $"{missing} of {study.Trials.Count()} trials cannot start, as the baseline diverged: change its recipe, or remove the "
                    + $"folder of its diverged trial to train it again."
            );
        else if (missing > 0)
            findings.Add($"{missing} of {study.Trials.Count()} trials are not finished; run the study again to go on.");
        if (AtChance(summary.Target) is { } atChance)
            findings.Add(atChance);
        if (study.Seeds.Count < ProtocolVersion.SeedsForInterval)
            findings.Add(
                $"{Seeds(study.Seeds.Count)}: no interval can be given. Fewer than {ProtocolVersion.SeedsForInterval} seeds show what "
                    + $"happened once, not how sure it is."
            );
        if (study.Settings is ImageSettings { Subset: var subset } && subset != Subset.Everything)
            findings.Add($"A declared part of the dataset was used ({Parts(subset)}); factors on a part are not factors on the whole.");
        findings.AddRange(summary.Entries.Select(EntryFinding).OfType<string>());
        findings.AddRange(study.AllEntries.Select(entry => FellBack(entry.Name, results[entry.Name])).OfType<string>());
        if (FlatBaseline(summary) is { } flat)
            findings.Add(flat);
        if (Disagreeing(summary) is { } disagreeing)
            findings.Add(disagreeing);
        var devices = results.Values.SelectMany(trials => trials).Select(trial => trial.Record.Environment.DeviceName).Distinct().ToList();
        if (devices.Count > 1)
            findings.Add(
                $"Mixed hardware ({string.Join("; ", devices.Select(device => device ?? "unknown"))}): multiply-adds compare, seconds "
                    + $"do not."
            );
        if (Suspended(results) is { } suspended)
            findings.Add(suspended);
        if (Shared(results) is { } shared)
            findings.Add(shared);
        if (Methods(summary.Methods) is { } methods)
            findings.Add(methods);
        return findings;
    }

    private static string? Methods(IReadOnlyList<TwoMethods> trials)
    {
        if (trials.Where(trial => trial.Differs).ToList() is not { Count: > 0 } differing)
            return null;
        var named = differing
            .Take(MaxNamed)
            .Select(trial =>
                FormattableString.Invariant(
                    $"{trial.Trial} (a ratio of {SignificantDigits.Of(trial.Ratio!.Value)}, {Shown.Percent(trial.Utilization)} of the peak)"
                )
            );
        var rest = differing.Count > MaxNamed ? FormattableString.Invariant($"; and {differing.Count - MaxNamed} more") : "";
        return FormattableString.Invariant(
                $"In {differing.Count} of {trials.Count} trials counted compute and compute by device time differ by more than "
            )
            + FormattableString.Invariant($"{TwoMethods.MaxRatio} times: ")
            + $"{string.Join("; ", named)}{rest}. "
            + (
                differing.Exists(trial => trial.Utilization > 1)
                    ? "No device does more than its peak: the clock or the peak is wrong."
                    : "What others estimated from device time does not compare with these."
            );
    }

    private static string? Shared(IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results)
    {
        List<TrialResult> all = [.. results.Values.SelectMany(trials => trials)];
        var shared = all.Count(trial => !trial.Record.Clocks.IsItsOwn);
        return shared == 0
            ? null
            : FormattableString.Invariant($"{shared} of {all.Count} trials shared a device with others (--per-device): ")
                + "no factor is made of their seconds, joules or dollars.";
    }

    private static string? Suspended(IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results)
    {
        List<double?> all = [.. results.Values.SelectMany(trials => trials).Select(trial => trial.Record.Clocks.SuspendedSeconds)];
        List<double?> suspended = [.. all.Where(seconds => seconds > 0)];
        return suspended.Count == 0
            ? null
            : FormattableString.Invariant(
                $"{suspended.Count} of {all.Count} trials were suspended while they ran, for {Shown.Duration(suspended.Sum())} in all: "
            ) + "their seconds are without it, and their joules are not known.";
    }

    /// <summary>The first of many, and how many more there are.</summary>
    public static IEnumerable<string> Shortened(IReadOnlyList<string> findings) =>
        findings.Count <= MaxShown
            ? findings
            : findings
                .Take(MaxShown)
                .Append(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"And {findings.Count - MaxShown} more of this kind; efficiency.csv marks every entry."
                    )
                );

    private const string NoScan =
        "The learning rates are not the result of a scan: 'trainharness study scan' tries the grid of this study.";

    /// <summary>Where an entry did not run at the best learning rate of the study's scan, or was not scanned.</summary>
    /// <param name="scan">Null where the study's scan has not run.</param>
    /// <param name="results">The finished trials of each entry.</param>
    public static IEnumerable<string> OfScan(
        Study study,
        ScanSummary? scan,
        IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results
    )
    {
        if (study.Scan is null)
            yield break;
        var measured = study.AllEntries.Where(entry => results[entry.Name].Count > 0).ToList();
        if (scan is null)
        {
            if (measured.Count > 0)
                yield return NoScan;
            yield break;
        }

        foreach (var entry in measured)
        {
            var rate = results[entry.Name][0].Record.Start.LearningRate;
            if (OffBest(scan, entry, rate, "ran") is { } off)
                yield return off;
            else if (scan.For(entry)!.IsAtEdge)
                yield return $"{entry.Name}: the best learning rate of its scan, {Rate(rate)}, is at the edge of the grid; a better "
                    + $"one may lie beyond.";
        }
    }

    /// <summary>What a person should know of learning rates before trials are spent on them.</summary>
    /// <param name="scan">Null where the study's scan has not run.</param>
    /// <param name="pending">What is about to run, and at which rate.</param>
    public static IEnumerable<string> BeforeRun(ScanSummary? scan, IReadOnlyList<(Entry Entry, double Rate)> pending)
    {
        if (scan is null)
            return pending.Count == 0 ? [] : [NoScan];
        return pending.Select(entry => OffBest(scan, entry.Entry, entry.Rate, "is about to run")).OfType<string>();
    }

    /// <summary>Null where the rate is the best of the entry's scan.</summary>
    private static string? OffBest(ScanSummary scan, Entry entry, double rate, string runs) =>
        scan.For(entry)?.Best switch
        {
            null => $"{entry.Name}: its learning rate, {Rate(rate)}, is not the result of a scan.",
            { } best when best != rate => $"{entry.Name} {runs} at learning rate {Rate(rate)}; the best of its scan is {Rate(best)}.",
            _ => null,
        };

    private static string Rate(double rate) => rate.ToString("R", CultureInfo.InvariantCulture);

    private static string Seeds(int count) => count == 1 ? "One seed" : string.Create(CultureInfo.InvariantCulture, $"{count} seeds");

    private static string Parts(Subset subset)
    {
        var parts = new List<string>();
        if (subset.Classes is { } classes)
            parts.Add($"{classes.Count} classes");
        if (subset.FirstClasses is { } first)
            parts.Add($"{first} classes");
        parts.Add($"{Shown.Percent(subset.TrainFraction)} of the training examples");
        if (subset.ValidationFraction < 1)
            parts.Add($"{Shown.Percent(subset.ValidationFraction)} of the validation examples");
        return string.Join(", ", parts);
    }

    private static string? AtChance(TargetSummary target) =>
        target is { Threshold: { } threshold, Metric: { Chance: { } chance } metric } && !metric.IsBetter(threshold, chance)
            ? $"The target, {Shown.WithArticle(Shown.Goal(metric, threshold))}, is not {MetricWords.Beyond(metric)} chance "
                + $"({Shown.Level(metric, chance)}): "
                + "a network that learned nothing reaches it. These factors mean nothing."
            : null;

    private static string? EntryFinding(EntrySummary entry) =>
        entry switch
        {
            { Diverged: > 0 } => $"{entry.Entry}: {entry.Diverged} of {entry.Trials} trials diverged; a diverged trial bounds nothing.",
            { Bound: Bound.AtMost } =>
                $"{entry.Entry}: {entry.Trials - entry.Reached} of {entry.Trials} trials missed the target; the factor is a bound.",
            { Bound: Bound.AtLeast } => $"{entry.Entry}: the baseline missed the target; the factor is a lower bound.",
            { ReductionFactor: not null, Bound: null, Resolved: false } =>
                $"{entry.Entry}: unresolved. It, or the baseline, crossed the target within {ProtocolVersion.ResolvingEvaluations} "
                    + $"evaluations; the true crossing may lie well before the evaluation that found it.",
            _ => null,
        };

    private static string? FellBack(string entry, IReadOnlyList<TrialResult> trials) =>
        trials.Count(trial => trial.Record.Crossing is { Sustained: null }) is > 0 and var fell
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{entry}: {fell} of {trials.Count} trials ended {MetricWords.Before(trials[0].Record.Metric)} the target after having "
                    + $"crossed it;"
            ) + " it crossed by a little, or by luck."
            : null;

    private static string? Disagreeing(StudySummary summary)
    {
        if (summary.Sensitivity is not { Disagreements: { Count: > 0 } all })
            return null;
        List<IGrouping<string, Disagreement>> entries = [.. all.GroupBy(disagreement => disagreement.Entry)];
        var named = entries
            .Take(MaxNamed)
            .Select(entry => $"{entry.Key} ({string.Join(", ", entry.Select(disagreement => disagreement.Check))})");
        var rest = entries.Count > MaxNamed ? FormattableString.Invariant($"; and {entries.Count - MaxNamed} more") : "";
        return $"Under another reasonable choice a factor leaves its own 95 % interval: {string.Join("; ", named)}{rest}. The section "
            + $"on sensitivity has all.";
    }

    private static string Gain(Metric metric) => metric.FlatGain is { } gain ? Shown.Level(metric, gain) : "1 % of all that it gained";

    private static string? FlatBaseline(StudySummary summary) =>
        summary.Curve?.AtTarget is { BaselineIsFlat: true }
            ? $"The baseline {summary.Baseline} is flat at the target: over the last fifth of its way it gained less than "
                + $"{Gain(summary.Target.Metric)}."
                + " The factors depend strongly on the exact target."
            : null;
}
