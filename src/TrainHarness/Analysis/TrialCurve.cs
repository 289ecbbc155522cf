using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>A finished trial whose crossing of any level is found quickly.</summary>
internal sealed class TrialCurve
{
    /// <summary>The highest metric up to each evaluation.</summary>
    private readonly double[] highest;

    /// <summary>Exact training multiply-adds at each evaluation; a threshold curve asks for them again and again.</summary>
    private readonly double[] training;

    private readonly IReadOnlyList<Evaluation> evaluations;

    public TrialCurve(TrialResult trial)
    {
        evaluations = trial.Evaluations;
        Record = trial.Record;
        highest = new double[evaluations.Count];
        training = new double[evaluations.Count];
        for (var index = 0; index < highest.Length; index++)
        {
            var metric = evaluations[index].Metrics[Record.Target.Metric];
            training[index] = evaluations[index].Ledger.Training.ToDouble();
            highest[index] = index == 0 ? metric : Math.Max(metric, highest[index - 1]);
        }
    }

    public TrialRecord Record { get; }

    /// <summary>False for a diverged trial and for one without evaluations, which say nothing.</summary>
    public bool Counts => Record.Outcome != Outcome.Diverged && highest.Length > 0;

    /// <summary>The best metric; beyond it nothing was reached.</summary>
    public double Highest => highest[^1];

    /// <summary>The metric at the last evaluation; null without one.</summary>
    public double? FinalMetric => evaluations.Count == 0 ? null : evaluations[^1].Metrics[Record.Target.Metric];

    /// <summary>What one validation example cost; null without an evaluation, and where the examples do not divide what they cost.</summary>
    public Macs? EvaluationMacsPerExample =>
        evaluations.Count > 0 && UInt128.DivRem(evaluations[0].Ledger.Evaluation.Count, (UInt128)Record.Dataset.ValidationExamples) is (var each, var rest) && rest == 0
            ? new Macs(each)
            : null;

    /// <summary>Whether a level that it did not reach is a miss. A trial that stopped at its target says nothing of higher levels.</summary>
    public bool RanWholeSchedule => Record.Outcome is Outcome.Missed or Outcome.Completed || Record.Epochs >= Record.Recipe.Epochs;

    /// <summary>Index of the first evaluation at or above the level; null where none was.</summary>
    public int? CrossingOf(double level)
    {
        if (!Counts || Highest < level)
            return null;
        var (low, high) = (0, highest.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = highest[middle] >= level ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>The evaluation that decides the cost to a level: the crossing, or the last of a miss; null for a trial that does not count.</summary>
    public Evaluation? DecidingAt(double level) => Counts ? evaluations[CrossingOf(level) ?? evaluations.Count - 1] : null;

    /// <summary>Null for a trial that does not count.</summary>
    public CostToTarget? CostTo(double level, Func<Evaluation, double> measure) => CostAt(level, index => measure(evaluations[index]));

    /// <summary>In exact training multiply-adds, likewise.</summary>
    public CostToTarget? TrainingCostTo(double level) => CostAt(level, index => training[index]);

    private CostToTarget? CostAt(double level, Func<int, double> measure)
    {
        if (!Counts)
            return null;
        var crossing = CrossingOf(level);
        return new CostToTarget(
            measure(crossing ?? evaluations.Count - 1), crossing is not null, crossing is null or >= ProtocolVersion.ResolvingEvaluations);
    }

    /// <summary>What the best metric so far gained over the last fifth of the way to a level, by examples; null where it was not reached, or at once.</summary>
    public double? GainBefore(double level)
    {
        if (CrossingOf(level) is not { } crossing)
            return null;
        var examples = evaluations[crossing].Examples;
        for (var before = crossing - 1; before >= 0; before--)
        {
            if (evaluations[before].Examples <= 0.8 * examples)
                return highest[crossing] - highest[before];
        }

        return null;
    }
}
