using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Analysis;

/// <summary>How the error of a study's methods falls with compute and with data.</summary>
/// <param name="Points">Of every trial that ended with an error.</param>
/// <param name="Studies">Whose trials these are, the study's own first.</param>
/// <param name="Missing">
/// Studies that the rule names and that have no trial beside this one, or another metric, dataset or protocol.
/// </param>
/// <param name="Fit">Null where <paramref name="WhyNot"/> says why.</param>
/// <param name="WhyNot">In a few words; null with a fit.</param>
public sealed record ScaleSummary(
    Metric Metric,
    IReadOnlyList<ScalePoint> Points,
    IReadOnlyList<string> Studies,
    IReadOnlyList<string> Missing,
    ScaleFit? Fit,
    string? WhyNot
)
{
    /// <param name="own">The study's finished trials.</param>
    /// <param name="others">Those of the studies that its rule names, where they lie beside it.</param>
    /// <exception cref="ArgumentException">The study has no rule.</exception>
    public static ScaleSummary Of(
        Study study,
        IReadOnlyList<TrialResult> own,
        IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> others
    )
    {
        var rule = study.Scale ?? throw new ArgumentException("The study has no scale.", nameof(study));
        var metric = own.Count > 0 ? own[0].Record.Metric : study.Target.Metric;
        var fitting = rule.Studies.Where(name => Alike(name).Any()).ToList();
        var points = own.Select(trial => PointOf(rule, study.Name, trial))
            .Concat(fitting.SelectMany(name => Alike(name).Select(trial => PointOf(rule, name, trial))))
            .OfType<ScalePoint>()
            .ToList();
        // What the others are compared to comes first.
        var first = rule.Families.Count > 0 ? rule.Families[0].Name : rule.FamilyOf(study.Baseline.Name);
        List<ScalePoint> ordered = [.. points.OrderBy(point => point.Family != first)];
        var whyNot = metric is { Better: Better.More, Max: null }
            ? $"{metric} has no best value that an error could be the distance from"
            : ScaleFit.WhyNot(ordered);
        var fit = whyNot is null ? ScaleFit.Of(ordered) : null;
        whyNot ??= fit is null ? "the fit does not converge" : null;
        return new ScaleSummary(metric, ordered, [study.Name, .. fitting], [.. rule.Studies.Except(fitting)], fit, whyNot);

        IEnumerable<TrialResult> Alike(string name) =>
            others
                .GetValueOrDefault(name, [])
                .Where(trial =>
                    trial.Record.Metric.Fits(metric)
                    && (
                        own.Count == 0
                        || (trial.Record.Dataset.Name, trial.Record.Protocol) == (own[0].Record.Dataset.Name, own[0].Record.Protocol)
                    )
                );
    }

    /// <summary>Null for a trial that diverged or was not evaluated: it has no error.</summary>
    private static ScalePoint? PointOf(ScaleRule rule, string study, TrialResult trial)
    {
        var record = trial.Record;
        if (record.Outcome == Outcome.Diverged || trial.FinalMetric is not { } final)
            return null;
        var error = record.Metric.Better == Better.More ? record.Metric.Max - final : final - (record.Metric.Min ?? 0);
        var compute = (double)Flops.Training(record.Ledger, Convention.Exact).Count;
        return error is { } distance
            ? new ScalePoint(rule.FamilyOf(record.Entry), $"{study}/{record.Id}", compute, record.Dataset.TrainExamples, distance)
            : null;
    }
}
