using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>The answer of a study, made from its records alone.</summary>
/// <param name="Baseline">
/// The entry that factors divide: the cheapest one of the baseline's architecture (results/PROTOCOL.md, the target).
/// </param>
/// <param name="TargetFrom">The entry that set the target; null for a given target.</param>
/// <param name="DoublingTimeMonths">
/// Least squares over the frontier of published dates, of resolved factors; null with fewer than three points.
/// </param>
public sealed record StudySummary(
    string Study,
    TargetSummary Target,
    string Baseline,
    string? TargetFrom,
    IReadOnlyList<EntrySummary> Entries,
    double? DoublingTimeMonths
)
{
    /// <summary>What its trials are charged for, in the order of reports.</summary>
    public IReadOnlyList<CostMeasure> Measures { get; init; } = CostMeasure.Shipped;

    /// <summary>The answer at other levels than the target; null without a target.</summary>
    public ThresholdCurve? Curve { get; init; }

    /// <summary>The answer under other choices than the protocol's; null without a target.</summary>
    public Sensitivity? Sensitivity { get; init; }

    /// <summary>Which change gave what; null without a target, and for a study that names no changes.</summary>
    public AblationSummary? Ablation { get; init; }

    /// <summary>Of exact training compute; null where no factor is resolved.</summary>
    public TrendSummary? Trend { get; init; }

    /// <summary>Of inference compute, over entries that reached the target; null where none did.</summary>
    public TrendSummary? InferenceTrend { get; init; }

    /// <summary>What dollars were made with: the price of each device that has one.</summary>
    public IReadOnlyList<DevicePrice> Prices { get; init; } = [];

    /// <summary>The compute of every finished trial, counted and by the time that its device took.</summary>
    public IReadOnlyList<TwoMethods> Methods { get; init; } = [];

    /// <summary>What counted the joules of its trials.</summary>
    public IReadOnlyList<string> EnergyMeters { get; init; } = [];

    /// <param name="results">The finished trials of each entry, in the order of the study.</param>
    /// <param name="prices">Stand behind the study's own; null for none.</param>
    /// <param name="measures">Null for <see cref="CostMeasure.Shipped"/>.</param>
    public static StudySummary Of(
        Study study,
        double? threshold,
        IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results,
        PriceList? prices = null,
        IReadOnlyList<CostMeasure>? measures = null
    )
    {
        measures ??= CostMeasure.Shipped;
        var priced = (study.Prices ?? PriceList.Empty).Before(prices ?? PriceList.Empty);
        var curves = study.AllEntries.ToDictionary(
            entry => entry.Name,
            entry => (IReadOnlyList<TrialCurve>)[.. results[entry.Name].Select(trial => new TrialCurve(trial))]
        );
        var baseline = DividingBaseline.At(threshold, study, curves);
        var entries = study
            .AllEntries.Select(entry =>
                EntrySummary.Of(entry, baseline, curves, threshold, priced, measures) with
                {
                    IsOfItsScale = DividingBaseline.IsOfItsScale(entry, study),
                }
            )
            .ToList();
        // What has no date is no point of a trend.
        var dated = entries.Where(entry => entry is { Published: not null, IsOfItsScale: true }).ToList();
        var entrants = dated.Where(entry => entry.Resolved);
        var trend = TrendOf(
            [.. entrants.Select(entry => Entrant(entry, entry.ReductionFactor, SpreadOf(curves[entry.Entry], threshold!.Value)))],
            baseline
        );
        return new StudySummary(
            study.Name,
            new TargetSummary(curves.Values.SelectMany(trials => trials).FirstOrDefault()?.Metric ?? study.Target.Metric, threshold),
            baseline,
            study.Target.FromBaseline ? study.Baseline.Name : null,
            entries,
            trend?.By(TrendMethod.LeastSquares).DoublingTimeMonths
        )
        {
            Measures = measures,
            Curve = threshold is { } level ? ThresholdCurve.Of(study, level, curves) : null,
            Sensitivity = threshold is { } target ? Sensitivity.Of(study, target, baseline, entries, curves) : null,
            Ablation =
                threshold is { } reached && study.Ablation is { } ablation
                    ? AblationSummary.Of(
                        ablation,
                        study.Baseline.Name,
                        curves.ToDictionary(
                            entry => entry.Key,
                            entry => (IReadOnlyList<CostToTarget?>)LevelFactors.Costs(entry.Value, reached)
                        )
                    )
                    : null,
            Trend = trend,
            InferenceTrend = TrendOf(
                [
                    .. dated
                        .Where(entry => entry.InferenceFactor is not null)
                        .Select(entry => Entrant(entry, entry.InferenceFactor, spread: null)),
                ],
                baseline
            ),
            Methods = [.. study.AllEntries.SelectMany(entry => results[entry.Name]).Select(trial => TwoMethods.Of(trial.Record))],
            EnergyMeters =
            [
                .. curves
                    .Values.SelectMany(trials => trials)
                    .Select(trial => trial.Record.EnergyMeter)
                    .OfType<string>()
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ],
            Prices =
            [
                .. curves
                    .Values.SelectMany(trials => trials)
                    .Select(trial => priced.Find(trial.Record.Environment.DeviceName))
                    .OfType<DevicePrice>()
                    .Distinct(),
            ],
        };
    }

    private static TrendSummary? TrendOf(IReadOnlyList<TrendEntrant> entrants, string baseline) =>
        entrants.All(entrant => entrant.Point.Name != baseline) ? null : TrendSummary.Of(entrants, baseline);

    private static TrendEntrant Entrant(EntrySummary entry, double? factor, CostSpread? spread) =>
        new(new TrendPoint(entry.Entry, entry.Published!.Value, factor!.Value), spread);

    /// <summary>Null with too few seeds, and where all crossed at the same evaluation.</summary>
    private static CostSpread? SpreadOf(IReadOnlyList<TrialCurve> trials, double threshold)
    {
        if (trials.Count < ProtocolVersion.SeedsForInterval)
            return null;
        var costs = LevelFactors.Costs(trials, threshold).ConvertAll(cost => cost!);
        if (ReductionFactor.IsOneCrossing(costs))
            return null;
        var logs = costs.ConvertAll(cost => Math.Log(cost.Cost));
        var variance = ReductionFactor.Variance(logs);
        return variance > 0 ? new CostSpread(Math.Sqrt(variance / logs.Count), logs.Count - 1) : null;
    }
}

/// <summary>What was to be reached; the threshold is null while the baseline has not set it.</summary>
/// <param name="Metric">As the trials' records have it.</param>
public sealed record TargetSummary(Metric Metric, double? Threshold);
