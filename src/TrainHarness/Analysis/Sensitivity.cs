using System.Globalization;
using TrainHarness.Protocol;

namespace TrainHarness.Analysis;

/// <summary>Which choice of the protocol a <see cref="SensitivityCheck"/> replaces.</summary>
public enum SensitivityKind
{
    /// <summary>Which evaluation counts as the crossing.</summary>
    Crossing,

    /// <summary>The target.</summary>
    Target,

    /// <summary>Which seeds were measured.</summary>
    Seeds,

    /// <summary>Which entry divides.</summary>
    Baseline,
}

/// <summary>The factors of all entries under one choice that could have been made as well.</summary>
/// <param name="Name">The choice, in a few words.</param>
/// <param name="Factors">
/// In the order of the study; null where the records cannot say: a trial that stopped at its target tells nothing of harder ones, be it
/// the entry's or one of a schedule that might divide.
/// </param>
public sealed record SensitivityCheck(SensitivityKind Kind, string Name, IReadOnlyList<LevelFactor> Factors);

/// <summary>A factor that leaves the 95 % interval of the one that is reported, or a bound that lies wholly outside it.</summary>
public sealed record Disagreement(string Entry, string Check);

/// <summary>How the factors of exact training compute change with choices that a referee may question, one at a time.</summary>
public sealed record Sensitivity(IReadOnlyList<SensitivityCheck> Checks, IReadOnlyList<Disagreement> Disagreements)
{
    private static readonly int[] Points = [-2, -1, 1, 2];

    internal static Sensitivity Of(
        Study study,
        double target,
        string baseline,
        IReadOnlyList<EntrySummary> reported,
        IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves
    )
    {
        SensitivityCheck[] checks =
        [
            Check(SensitivityKind.Crossing, "sustained crossing", baseline, trial => trial.SustainedCostTo(target)),
            Check(SensitivityKind.Crossing, "interpolated crossing", baseline, trial => trial.InterpolatedCostTo(target)),
            .. LevelsAround(target, Metric())
                .Select(level =>
                    Check(
                        SensitivityKind.Target,
                        level.Name,
                        DividingBaseline.At(level.Level, study, curves),
                        trial => trial.TrainingCostTo(level.Level),
                        level.Level
                    )
                ),
            .. Without()
                .Select(seed =>
                    Check(
                        SensitivityKind.Seeds,
                        string.Create(CultureInfo.InvariantCulture, $"without seed {seed}"),
                        baseline,
                        trial => trial.TrainingCostTo(target),
                        without: seed
                    )
                ),
            .. DividingBaseline
                .Schedules(study)
                .Where(entry => entry.Name != baseline)
                .Select(entry =>
                    Check(SensitivityKind.Baseline, $"divided by {entry.Name}", entry.Name, trial => trial.TrainingCostTo(target))
                ),
        ];
        return new Sensitivity(
            checks,
            [
                .. reported.SelectMany(
                    (entry, index) =>
                        checks
                            .Where(check => Leaves(entry, check.Factors[index].Factor))
                            .Select(check => new Disagreement(entry.Entry, check.Name))
                ),
            ]
        );

        Metric Metric() => curves.Values.SelectMany(trials => trials).FirstOrDefault()?.Metric ?? study.Target.Metric;

        IEnumerable<int> Without() => study.Seeds.Count < 2 ? [] : study.Seeds;

        SensitivityCheck Check(
            SensitivityKind kind,
            string name,
            string dividing,
            Func<TrialCurve, CostToTarget?> cost,
            double? level = null,
            int? without = null
        )
        {
            var isKnown = level is not { } at || DividingBaseline.IsKnownAt(at, study, curves);
            var costs = study.AllEntries.ToDictionary(entry => entry.Name, entry => Costs(entry.Name));
            return new SensitivityCheck(
                kind,
                name,
                [
                    .. study.AllEntries.Select(entry => new LevelFactor(
                        entry.Name,
                        Between(costs[dividing], costs[entry.Name], entry.Name == dividing)
                    )),
                ]
            );

            List<CostToTarget?>? Costs(string entry)
            {
                List<TrialCurve> trials = [.. curves[entry].Where(trial => trial.Record.Seed != without)];
                var all = trials.ConvertAll(trial => cost(trial));
                return !isKnown || trials.Zip(all).Any(pair => pair.Second is { Reached: false } && !pair.First.RanWholeSchedule)
                    ? null
                    : all;
            }
        }
    }

    private static ReductionFactor? Between(List<CostToTarget?>? baseline, List<CostToTarget?>? entry, bool isBaseline)
    {
        if (baseline is null || entry is null)
            return null;
        var factor = ReductionFactor.Between(baseline, entry);
        // The baseline divided by itself is 1 and nothing else.
        return isBaseline && factor is not null ? factor with { Low = null, High = null } : factor;
    }

    private static bool Leaves(EntrySummary reported, ReductionFactor? factor) =>
        reported is { Low: { } low, High: { } high }
        && factor is { Factor: var value }
        && ((factor.Bound != Bound.AtLeast && value < low) || (factor.Bound != Bound.AtMost && value > high));

    /// <summary>One and two points of a hundred to either side; of a metric without points, as many hundredths of the target.</summary>
    private static IEnumerable<(string Name, double Level)> LevelsAround(double target, Metric metric)
    {
        var (step, word) = metric.Unit switch
        {
            MetricUnit.Percent => (0.01, "point"),
            MetricUnit.Points => (1, "point"),
            _ => (Math.Abs(target) / 100, "%"),
        };
        foreach (var points in Points)
        {
            var level = target + (points * step);
            if (metric.Holds(level) && level != target)
                yield return (
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"target {(points > 0 ? "+" : "−")}{Math.Abs(points)} {word}{(word == "point" && points is 2 or -2 ? "s" : "")}"
                    ),
                    level
                );
        }
    }
}
