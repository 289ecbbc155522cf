using System.Text.Json.Serialization;
using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>The answer at every level that the records cover, because a factor depends on the level that was chosen.</summary>
/// <param name="Points">From the easiest to the hardest; a grid, the target, and <see cref="SensitivityPart"/> of it.</param>
/// <param name="AtTarget">One of the points; null where the records do not cover the target.</param>
/// <param name="Sensitivity">The point at 99.6 % of the target: where Hernandez and Brown's AlexNet was after 62 of its 90 epochs
/// (arXiv:2005.04305). Null for a metric of which one cannot speak of a part: one that falls, or whose zero is only a number.</param>
/// <param name="Best">Where the points end: no trial stopped at its target before it. JSON has it under its name of protocol 1.</param>
/// <param name="NewLevels">The other direction, entry by entry.</param>
public sealed record ThresholdCurve(
    IReadOnlyList<ThresholdPoint> Points,
    ThresholdPoint? AtTarget,
    ThresholdPoint? Sensitivity,
    [property: JsonPropertyName("highest")] double Best,
    IReadOnlyList<NewLevel> NewLevels
)
{
    public const double SensitivityPart = 0.996;

    private const int MaxSteps = 60;

    // Steps of an axis that people read.
    private static readonly double[] RoundSteps = [1, 2, 5];

    /// <summary>Null where no trial says anything.</summary>
    internal static ThresholdCurve? Of(Study study, double threshold, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
    {
        var trials = curves.Values.SelectMany(trials => trials).Where(trial => trial.Counts).ToList();
        if (trials.Count == 0)
            return null;
        var metric = trials[0].Metric;
        var best = BestCovered(metric, trials, curves);
        double? sensitive = metric.IsRatio ? threshold * SensitivityPart : null;
        var factors = new LevelFactors(study, curves);
        // Without chance, nothing is learned before the first evaluation.
        var start = metric.Chance ?? metric.WorstOf(trials.Select(trial => trial.First));
        var points = Levels(metric, start, best, sensitive is { } part ? [threshold, part] : [threshold]).Select(factors.At).ToList();
        return new ThresholdCurve(
            points,
            points.Find(point => point.Threshold == threshold),
            points.Find(point => point.Threshold == sensitive),
            best,
            [.. study.AllEntries.Select(entry => NewLevel.Of(entry, study, threshold, curves)).OfType<NewLevel>()]
        );
    }

    /// <summary>
    /// Where the first trial stopped because it had reached its target; where none did, the best that an entry reached with every trial.
    /// </summary>
    private static double BestCovered(Metric metric, List<TrialCurve> trials, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
    {
        var stopped = trials.Where(trial => !trial.RanWholeSchedule).ToList();
        return stopped.Count > 0
            ? metric.WorstOf(stopped.Select(trial => trial.Best))
            : metric.BestOf(
                curves
                    .Values.Select(entry => entry.Where(trial => trial.Counts).ToList())
                    .Where(entry => entry.Count > 0)
                    .Select(entry => metric.WorstOf(entry.Select(trial => trial.Best)))
            );
    }

    private static IEnumerable<double> Levels(Metric metric, double start, double best, IEnumerable<double> special)
    {
        if (!metric.IsBetter(best, start))
            return [];
        var levels = Grid(metric, start, best)
            .Concat(special)
            .Where(level => metric.IsBetter(level, start) && metric.Reaches(best, level))
            .Distinct()
            .Order();
        return metric.Better == Better.More ? levels : levels.Reverse();
    }

    /// <summary>
    /// Round levels between two: the finest of 1, 2 and 5 times a power of ten that gives at most <see cref="MaxSteps"/>.
    /// </summary>
    private static IEnumerable<double> Grid(Metric metric, double start, double best)
    {
        var (low, high) = (Math.Min(start, best), Math.Max(start, best));
        // Too near, or too far apart, for numbers to have steps between.
        if (!double.IsNormal((high - low) / MaxSteps))
            yield break;
        var step = Step(metric, high - low);
        var digits = Math.Clamp(1 - (int)Math.Floor(Math.Log10(step)), 6, 15);
        // Past 2^53 steps from zero there is no grid in such numbers.
        var (from, to) = (Math.Floor(low / step), Math.Ceiling(high / step));
        for (var index = from; index <= to && index + 1 > index; index++)
            yield return Math.Round(index * step, digits);
    }

    private static double Step(Metric metric, double length)
    {
        // A tenth of a point is what is shown of a percentage.
        var finest = metric.Unit switch
        {
            MetricUnit.Percent => 0.001,
            MetricUnit.Points => 0.1,
            _ => double.Epsilon,
        };
        for (var power = Math.Floor(Math.Log10(length / MaxSteps)); ; power++)
        {
            foreach (var step in RoundSteps.Select(round => round * Math.Pow(10, power)))
            {
                if (step >= finest && length / step <= MaxSteps)
                    return step;
            }
        }
    }
}

/// <summary>The factors at one level.</summary>
/// <param name="Baseline">The entry that they divide by: at another level another schedule may be the cheaper one.</param>
/// <param name="BaselineIsFlat">
/// The baseline's curve is so flat here that a slightly lower level would give clearly smaller factors.
/// </param>
/// <param name="DoublingTimeMonths">As of the study, but at this level.</param>
public sealed record ThresholdPoint(
    double Threshold,
    string Baseline,
    bool BaselineIsFlat,
    IReadOnlyList<LevelFactor> Factors,
    double? DoublingTimeMonths
);

/// <summary>One entry's factor at one level; null where nothing can be said.</summary>
public sealed record LevelFactor(string Entry, ReductionFactor? Factor);

/// <summary>How much more compute than the entry the old network would need for the level that the entry reached.</summary>
/// <param name="Level">The best that each of the entry's trials reached.</param>
/// <param name="Baseline">The old network under the schedule that is compared.</param>
/// <param name="Extra">
/// "At least" where the old network never got there, with all that it spent as its cost: under its recipe no more can be said.
/// </param>
public sealed record NewLevel(string Entry, double Level, string Baseline, ReductionFactor Extra)
{
    /// <summary>
    /// Null for the baseline's own architecture, for an entry that did not reach the target, and where nothing can be said.
    /// </summary>
    internal static NewLevel? Of(Entry entry, Study study, double threshold, IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves)
    {
        if (
            entry.Architecture == study.Baseline.Architecture
            || curves[entry.Name].Count == 0
            || curves[entry.Name].Any(trial => !trial.Counts)
        )
            return null;
        var metric = curves[entry.Name][0].Metric;
        var level = metric.WorstOf(curves[entry.Name].Select(trial => trial.Best));
        var baseline = DividingBaseline.At(level, study, curves);
        var extra = ReductionFactor.Between(LevelFactors.Costs(curves[baseline], level), LevelFactors.Costs(curves[entry.Name], level));
        return extra is null || !metric.Reaches(level, threshold) ? null : new NewLevel(entry.Name, level, baseline, extra);
    }
}
