using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>A finished trial whose crossing of any level is found quickly.</summary>
internal sealed class TrialCurve
{
    /// <summary>The best value of the metric up to each evaluation.</summary>
    private readonly double[] best;

    /// <summary>Exact training multiply-adds at each evaluation; a threshold curve asks for them again and again.</summary>
    private readonly double[] training;

    private readonly IReadOnlyList<Evaluation> evaluations;

    public TrialCurve(TrialResult trial)
    {
        evaluations = trial.Evaluations;
        Record = trial.Record;
        Metric = Record.Metric;
        best = new double[evaluations.Count];
        training = new double[evaluations.Count];
        for (var index = 0; index < best.Length; index++)
        {
            var value = evaluations[index].ValueOf(Metric.Name);
            training[index] = evaluations[index].Ledger.Training.ToDouble();
            best[index] = index == 0 ? value : Metric.BetterOf(value, best[index - 1]);
        }
    }

    public TrialRecord Record { get; }

    /// <summary>False for a diverged trial and for one without evaluations, which say nothing.</summary>
    public bool Counts => Record.Outcome != Outcome.Diverged && best.Length > 0;

    /// <summary>What its levels are of.</summary>
    public Metric Metric { get; }

    /// <summary>The metric at the first evaluation.</summary>
    public double First => best[0];

    /// <summary>The best value of the metric; beyond it nothing was reached.</summary>
    public double Best => best[^1];

    /// <summary>The metric at the last evaluation; null without one.</summary>
    public double? FinalMetric => evaluations.Count == 0 ? null : evaluations[^1].ValueOf(Metric.Name);

    /// <summary>
    /// What one validation example cost; null without an evaluation, and where the examples do not divide what they cost.
    /// </summary>
    public Macs? EvaluationMacsPerExample =>
        evaluations.Count > 0
        && UInt128.DivRem(evaluations[0].Ledger.Evaluation.Count, (UInt128)Record.Dataset.ValidationExamples) is (var each, var rest)
        && rest == 0
            ? new Macs(each)
            : null;

    /// <summary>
    /// Whether a level that it did not reach is a miss. A trial that stopped at its target says nothing of better levels.
    /// </summary>
    public bool RanWholeSchedule => Record.Outcome is Outcome.Missed or Outcome.Completed || Record.Epochs >= Record.Recipe.Epochs;

    /// <summary>Index of the first evaluation at the level or better; null where none was.</summary>
    public int? CrossingOf(double level)
    {
        if (!Counts || !Metric.Reaches(Best, level))
            return null;
        var (low, high) = (0, best.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Metric.Reaches(best[middle], level) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>
    /// The evaluation that decides the cost to a level: the crossing, or the last of a miss; null for a trial that does not count.
    /// </summary>
    public Evaluation? DecidingAt(double level) => Counts ? evaluations[CrossingOf(level) ?? evaluations.Count - 1] : null;

    /// <summary>Null for a trial that does not count.</summary>
    public CostToTarget? CostTo(double level, Func<Evaluation, double> measure) => CostAt(level, index => measure(evaluations[index]));

    /// <summary>In exact training multiply-adds, likewise.</summary>
    public CostToTarget? TrainingCostTo(double level) => CostAt(level, index => training[index]);

    /// <summary>Likewise, but at the first evaluation that no worse one than the level followed; a miss where the last was worse.</summary>
    public CostToTarget? SustainedCostTo(double level)
    {
        if (!Counts)
            return null;
        var crossing = Crossing.Find([.. evaluations.Select(evaluation => evaluation.ValueOf(Metric.Name))], level, Metric)?.Sustained;
        return new CostToTarget(
            training[crossing ?? training.Length - 1],
            crossing is not null,
            crossing is null or >= ProtocolVersion.ResolvingEvaluations,
            crossing
        );
    }

    /// <summary>
    /// Likewise, but where a straight line from the evaluation before the crossing meets the level; from chance at no cost, where the first
    /// evaluation is the crossing and chance is known.
    /// </summary>
    public CostToTarget? InterpolatedCostTo(double level)
    {
        var cost = TrainingCostTo(level);
        if (CrossingOf(level) is not { } crossing)
            return cost;
        var before = crossing > 0 ? evaluations[crossing - 1].ValueOf(Metric.Name) : Metric.Chance ?? level;
        var gained = Metric.Gain(before, evaluations[crossing].ValueOf(Metric.Name));
        var part = gained > 0 ? Math.Clamp(Metric.Gain(before, level) / gained, 0, 1) : 1;
        // With the level at chance the line starts at it, and no cost is none to divide by.
        var from = crossing > 0 ? training[crossing - 1] : 0;
        var met = from + (part * (training[crossing] - from));
        return met > 0 ? cost! with { Cost = met } : cost;
    }

    private CostToTarget? CostAt(double level, Func<int, double> measure)
    {
        if (!Counts)
            return null;
        var crossing = CrossingOf(level);
        return new CostToTarget(
            measure(crossing ?? evaluations.Count - 1),
            crossing is not null,
            crossing is null or >= ProtocolVersion.ResolvingEvaluations,
            crossing
        );
    }

    /// <summary>
    /// What the best metric so far gained over the last fifth of the way to a level, by examples; null where it was not reached, or at
    /// once.
    /// </summary>
    public double? GainBefore(double level)
    {
        if (CrossingOf(level) is not { } crossing)
            return null;
        var examples = evaluations[crossing].Examples;
        for (var before = crossing - 1; before >= 0; before--)
        {
            if (evaluations[before].Examples <= 0.8 * examples)
                return Metric.Gain(best[before], best[crossing]);
        }

        return null;
    }
}
