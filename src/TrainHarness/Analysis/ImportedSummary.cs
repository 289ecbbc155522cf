using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>The imported trials of one entry that were counted and measured alike, beside the study's baseline.</summary>
/// <param name="Reached">Number of trials that reached the target; null where their metric is not that of the target.</param>
/// <param name="FinalMetric">Mean over trials of the metric at the last evaluation.</param>
/// <param name="TrainingMacsToTarget">Geometric mean over trials, by their convention; null unless each reached the target.</param>
/// <param name="SecondsToTarget">Likewise. They are of another program on another machine, and are never divided.</param>
/// <param name="DividedBy">What the factor divides by: the study's baseline, or imported trials of its architecture.</param>
/// <param name="Factor">Of training compute within the convention; null where nothing may be divided.</param>
/// <param name="WhyNone">Why there is no factor, in a few words; null where there is one.</param>
public sealed record ImportedSummary(
    string Entry,
    string Architecture,
    DateOnly? Published,
    string? Paper,
    StatedConvention Convention,
    string Dataset,
    string Metric,
    string? Signature,
    IReadOnlyList<string> Frameworks,
    int Trials,
    int? Reached,
    double FinalMetric,
    Macs? TrainingMacsToTarget,
    double? ExamplesToTarget,
    double? SecondsToTarget,
    string? DividedBy,
    ReductionFactor? Factor,
    string? WhyNone
)
{
    /// <param name="summary">Of the study that they were imported into.</param>
    /// <param name="results">Its own finished trials, by the name of their entry.</param>
    public static IReadOnlyList<ImportedSummary> Of(
        IReadOnlyList<ImportedTrial> imported,
        Study study,
        StudySummary summary,
        IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results
    )
    {
        if (imported.Count == 0)
            return [];
        var baseline = new ImportedBaseline(study, summary, results, imported);
        return [.. imported.GroupBy(Kind).Select(group => Of([.. group], summary.Target, baseline))];
    }

    /// <summary>Trials of two kinds are never put together.</summary>
    internal static (string Entry, StatedConvention, string Dataset, string Metric, string? Signature, DateOnly?, string?) Kind(
        ImportedTrial trial
    ) => (trial.Entry, trial.Convention, trial.Dataset, trial.Metric, trial.Signature, trial.Published, trial.Paper);

    private static ImportedSummary Of(IReadOnlyList<ImportedTrial> trials, TargetSummary target, ImportedBaseline baseline)
    {
        var first = trials[0];
        var whyNone = trials.Select(baseline.WhyIncomparable).FirstOrDefault(why => why is not null);
        // The levels of another metric, or of other data, say nothing of this target.
        var costs = whyNone is null ? trials.Select(trial => ImportedCost.To(target, trial)).ToList() : null;
        var crossings = costs is not null && costs.TrueForAll(cost => cost.Reached) ? costs.ConvertAll(cost => cost.Deciding) : null;
        var divisor = whyNone is null ? baseline.For(first) : null;
        var factor = divisor is null ? null : ReductionFactor.Between(divisor.Costs, costs!.ConvertAll(cost => cost.Compute));
        // The baseline divided by itself is 1 and nothing else.
        if (divisor is { IsItself: true } && factor is not null)
            factor = factor with { Low = null, High = null };
        return new ImportedSummary(
            first.Entry,
            first.Architecture,
            first.Published,
            first.Paper,
            first.Convention,
            first.Dataset,
            first.Metric,
            first.Signature,
            [.. trials.Select(trial => trial.Framework).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            trials.Count,
            costs?.Count(cost => cost.Reached),
            trials.Average(trial => trial.Evaluations[^1].Value),
            crossings is null ? null : new Macs(GeometricMean.Of([.. crossings.Select(evaluation => evaluation.TrainingMacs.Count)])),
            crossings is null ? null : GeometricMean.Of([.. crossings.Select(evaluation => (double)evaluation.Examples)]),
            crossings is null || crossings.Exists(evaluation => evaluation.Seconds is null or 0)
                ? null
                : GeometricMean.Of([.. crossings.Select(evaluation => evaluation.Seconds!.Value)]),
            factor is null ? null : divisor!.Name,
            factor,
            factor is not null ? null : whyNone ?? divisor?.WhyNone ?? "neither reached the target with every trial"
        );
    }
}
