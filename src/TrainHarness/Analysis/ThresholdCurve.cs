using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>The answer at every level that the records cover, because a factor depends on the level that was chosen.</summary>
/// <param name="Points">In rising order; a grid, the target, and <see cref="SensitivityPart"/> of it.</param>
/// <param name="AtTarget">One of the points; null where the records do not cover the target.</param>
/// <param name="Sensitivity">The point at 99.6 % of the target: where Hernandez and Brown's AlexNet was after 62 of its 90 epochs (arXiv:2005.04305).</param>
/// <param name="Highest">Where the points end: no trial stopped at its target below it.</param>
/// <param name="NewLevels">The other direction, entry by entry.</param>
public sealed record ThresholdCurve(
    IReadOnlyList<ThresholdPoint> Points, ThresholdPoint? AtTarget, ThresholdPoint? Sensitivity, double Highest, IReadOnlyList<NewLevel> NewLevels)
{
    public const double SensitivityPart = 0.996;

    private const int MostSteps = 60;

    private static readonly double[] Steps = [0.001, 0.002, 0.005, 0.01, 0.02];

    /// <summary>Null where no trial says anything.</summary>
    internal static ThresholdCurve? Of(Study study, double threshold, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
    {
        var trials = curves.Values.SelectMany(trials => trials).Where(trial => trial.Counts).ToList();
        if (trials.Count == 0)
            return null;
        var highest = HighestCovered(trials, curves);
        var sensitive = threshold * SensitivityPart;
        var factors = new LevelFactors(study, curves);
        var points = Levels(trials[0].Record.Target.Chance, highest, threshold, sensitive).Select(factors.At).ToList();
        return new ThresholdCurve(
            points,
            points.Find(point => point.Threshold == threshold),
            points.Find(point => point.Threshold == sensitive),
            highest,
            [.. study.AllEntries.Select(entry => NewLevel.Of(entry, study, threshold, curves)).OfType<NewLevel>()]);
    }

    /// <summary>Where the first trial stopped because it had reached its target; where none did, the best that an entry reached with every trial.</summary>
    private static double HighestCovered(List<TrialCurve> trials, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
    {
        var stopped = trials.Where(trial => !trial.RanWholeSchedule).ToList();
        return stopped.Count > 0
            ? stopped.Min(trial => trial.Highest)
            : curves.Values.Select(entry => entry.Where(trial => trial.Counts).ToList()).Where(entry => entry.Count > 0).Max(entry => entry.Min(trial => trial.Highest));
    }

    private static IEnumerable<double> Levels(double chance, double highest, params IEnumerable<double> special)
    {
        var step = Array.Find(Steps, step => (highest - chance) / step <= MostSteps) is var fine and > 0 ? fine : Steps[^1];
        var grid = Enumerable.Range(1, (int)Math.Ceiling(1 / step)).Select(index => Math.Round(index * step, 6));
        return grid.Concat(special).Where(level => level > chance && level <= highest).Distinct().Order();
    }
}

/// <summary>The factors at one level.</summary>
/// <param name="Baseline">The entry that they divide by: at another level another schedule may be the cheaper one.</param>
/// <param name="BaselineIsFlat">The baseline's curve is so flat here that a slightly lower level would give clearly smaller factors.</param>
/// <param name="DoublingTimeMonths">As of the study, but at this level.</param>
public sealed record ThresholdPoint(double Threshold, string Baseline, bool BaselineIsFlat, IReadOnlyList<LevelFactor> Factors, double? DoublingTimeMonths);

/// <summary>One entry's factor at one level; null where nothing can be said.</summary>
public sealed record LevelFactor(string Entry, ReductionFactor? Factor);

/// <summary>How much more compute than the entry the old network would need for the level that the entry reached.</summary>
/// <param name="Level">The highest that each of the entry's trials reached.</param>
/// <param name="Baseline">The old network under the schedule that is compared.</param>
/// <param name="Extra">"At least" where the old network never got there, with all that it spent as its cost: under its recipe no more can be said.</param>
public sealed record NewLevel(string Entry, double Level, string Baseline, ReductionFactor Extra)
{
    /// <summary>Null for the baseline's own architecture, for an entry that did not reach the target, and where nothing can be said.</summary>
    internal static NewLevel? Of(Entry entry, Study study, double threshold, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
    {
        if (entry.Architecture == study.Baseline.Architecture || curves[entry.Name].Count == 0 || curves[entry.Name].Any(trial => !trial.Counts))
            return null;
        var level = curves[entry.Name].Min(trial => trial.Highest);
        var baseline = DividingBaseline.At(level, study, curves);
        var extra = ReductionFactor.Between(LevelFactors.Costs(curves[baseline], level), LevelFactors.Costs(curves[entry.Name], level));
        return extra is null || level < threshold ? null : new NewLevel(entry.Name, level, baseline, extra);
    }
}
