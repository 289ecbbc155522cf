using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>One row of the answer.</summary>
/// <param name="Reached">Number of trials that reached the target.</param>
/// <param name="Trials">Number of finished trials.</param>
/// <param name="FinalMetric">Mean over trials of the metric at the last evaluation.</param>
/// <param name="TrainingMacsToTarget">
/// Geometric mean over trials, to the nearest whole number: of one trial its own count; null where a trial missed or diverged.
/// </param>
/// <param name="ReductionFactor">Of exact training compute.</param>
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
    double? EpochsToTarget,
    double? SecondsToTarget,
    double? ReductionFactor,
    double? Low,
    double? High,
    Bound? Bound,
    bool Resolved
)
{
    /// <summary>
    /// False for an entry with less data, smaller examples or another width or depth than the baseline: it is in no headline and no trend.
    /// </summary>
    public bool IsOfItsScale { get; init; } = true;

    /// <summary>The factor in every measure of cost, in the order of <see cref="StudySummary.Measures"/>; empty without a target.</summary>
    public IReadOnlyList<MeasuredFactor> Measures { get; init; } = [];

    /// <summary>Null without a target.</summary>
    public MeasuredFactor? By(CostMeasure measure) => Measures.FirstOrDefault(measured => measured.Measure == measure);

    /// <summary>
    /// Forward multiply-adds of one example when the network is used, auxiliary heads left out; null unless every trial reached the target.
    /// </summary>
    public Macs? InferenceMacs { get; init; }

    /// <summary>The baseline's <see cref="InferenceMacs"/> ÷ the entry's; null unless every trial of both reached the target.</summary>
    public double? InferenceFactor { get; init; }

    /// <summary>
    /// <see cref="TrainingMacsToTarget"/> in 10¹² multiply-adds, which fits a column of floating-point numbers at any size.
    /// </summary>
    public double? TrainingTeraMacsToTarget => TrainingMacsToTarget is { } macs ? macs.ToDouble() / 1e12 : null;

    internal static EntrySummary Of(
        Entry entry,
        string baseline,
        IReadOnlyDictionary<string, IReadOnlyList<TrialCurve>> curves,
        double? threshold,
        PriceList prices,
        IReadOnlyList<CostMeasure> measures
    )
    {
        var (trials, dividing) = (curves[entry.Name], curves[baseline]);
        var isBaseline = entry.Name == baseline;
        var factor = threshold is { } level
            ? Analysis.ReductionFactor.Between(LevelFactors.Costs(dividing, level), LevelFactors.Costs(trials, level))
            : null;
        var (inference, baselineInference) = (InferenceMacsOf(trials, threshold), InferenceMacsOf(dividing, threshold));
        return new EntrySummary(
            entry.Name,
            entry.Architecture,
            trials.Count > 0 ? trials[0].Record.Architecture.Published : null,
            trials.Count(trial => Reaches(trial, threshold)),
            trials.Count,
            trials.Count(trial => trial.Record.Outcome == Outcome.Diverged),
            trials.Select(trial => trial.FinalMetric).Average(),
            MeanMacs(trials, threshold, evaluation => evaluation.Ledger.Training),
            Mean(trials, threshold, evaluation => evaluation.Epoch),
            trials.All(trial => trial.Record.Clocks.IsItsOwn) ? Mean(trials, threshold, evaluation => evaluation.Seconds) : null,
            factor?.Factor,
            // The baseline divided by itself is 1 and nothing else.
            isBaseline ? null : factor?.Low,
            isBaseline ? null : factor?.High,
            factor?.Bound,
            factor is { Resolved: true, Bound: null }
        )
        {
            Measures = threshold is { } target
                ? [.. measures.Select(measure => MeasuredFactor.Of(measure, dividing, trials, target, prices, isBaseline))]
                : [],
            InferenceMacs = inference,
            InferenceFactor = baselineInference?.ToDouble() / inference?.ToDouble(),
        };
    }

    private static bool Reaches(TrialCurve trial, double? threshold) => threshold is { } level && trial.CrossingOf(level) is not null;

    private static bool ReachesWithAll(IReadOnlyList<TrialCurve> trials, double? threshold) =>
        trials.Count > 0 && trials.All(trial => Reaches(trial, threshold));

    /// <summary>A training step of a network with auxiliary heads costs more than its inference, which its evaluations tell.</summary>
    private static Macs? InferenceMacsOf(IReadOnlyList<TrialCurve> trials, double? threshold)
    {
        if (!ReachesWithAll(trials, threshold))
            return null;
        var record = trials[0].Record;
        return record.Recipe.AuxiliaryLossWeight is null ? record.Architecture.ForwardMacs : trials[0].EvaluationMacsPerExample;
    }

    private static Macs? MeanMacs(IReadOnlyList<TrialCurve> trials, double? threshold, Func<Evaluation, Macs> measure) =>
        ReachesWithAll(trials, threshold)
            ? new Macs(GeometricMean.Of([.. trials.Select(trial => measure(trial.DecidingAt(threshold!.Value)!).Count)]))
            : null;

    private static double? Mean(IReadOnlyList<TrialCurve> trials, double? threshold, Func<Evaluation, double> measure) =>
        ReachesWithAll(trials, threshold)
            ? GeometricMean.Of([.. trials.Select(trial => measure(trial.DecidingAt(threshold!.Value)!))])
            : null;
}
