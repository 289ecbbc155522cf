using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Reports.Charts;

/// <summary>The metric of every trial against what it had spent by then.</summary>
public static class TrialCharts
{
    /// <summary>A curve is drawn with at most this many points.</summary>
    private const int MaxPoints = 200;

    /// <summary>Against every measure of cost that has such a chart and is known of a trial.</summary>
    public static IEnumerable<Chart> Of(AnalysedStudy analysed) =>
        analysed
            .Summary.Measures.Where(measure => measure.Curve is not null)
            .Select(measure => Against(analysed, measure, measure.Curve!))
            .OfType<Chart>();

    /// <summary>Of all charts that <see cref="Of"/> may have.</summary>
    public static IEnumerable<string> NamesOf(IEnumerable<CostMeasure> measures) =>
        measures.Select(measure => measure.Curve?.Name).OfType<string>();

    private static Chart? Against(AnalysedStudy analysed, CostMeasure measure, MeasureCurve curve)
    {
        var prices = new PriceList(analysed.Summary.Prices);
        double? Spent(Evaluation evaluation, TrialResult trial) =>
            curve.Spent is { } spent ? spent(evaluation) : measure.SpentAt(evaluation, trial.Record, prices)?.Value;
        var metric = analysed.Summary.Target.Metric;
        var ranking = new Ranking(analysed.Summary);
        var trials = ranking
            .Drawn(analysed.Results)
            .Where(trial => trial.Evaluations.Any(evaluation => Spent(evaluation, trial) > 0))
            .ToList();
        if (trials.Count == 0)
            return null;
        var seen = new HashSet<string>();
        var curves = trials.ConvertAll(trial => new Series(
            trial.Record.Id,
            ranking.Legend(trial.Record.Entry, seen.Add(trial.Record.Entry)),
            Mark.Line,
            ranking.Colour(trial.Record.Entry),
            [
                .. Thinned
                    .To([.. trial.Evaluations.Where(evaluation => Spent(evaluation, trial) > 0)], MaxPoints)
                    .Select(evaluation => new SeriesPoint(Spent(evaluation, trial)!.Value, evaluation.ValueOf(metric.Name))),
            ]
        ));
        var all = analysed.Trials().Count();
        var target = analysed.Summary.Target.Threshold is { } threshold
            ? $" The target, {Shown.Level(metric, threshold)}, is the dashed line."
            : "";
        return new Chart(
            curve.Name,
            $"{metric} against {curve.Title}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(trials.Count == 1 ? "The line of one trial" : $"One line for each of {trials.Count} trials")}: {metric} on the "
                    + $"validation set, at every evaluation.{target}"
            ),
            new Axis(curve.Axis, measure.Format == AmountFormat.Duration ? Scale.LogSeconds : Scale.Log),
            Axis.Of(metric),
            [.. TargetLine(analysed, curves), .. curves],
            trials.Count < all
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{trials.Count} of {all} trials are drawn, one seed of each entry before the next, the largest factors first."
                )
                : null
        );
    }

    private static IEnumerable<Series> TargetLine(AnalysedStudy analysed, List<Series> curves)
    {
        if (analysed.Summary.Target.Threshold is not { } threshold)
            yield break;
        var points = curves.SelectMany(curve => curve.Points).ToList();
        var (first, last) = (points.Min(point => point.X), points.Max(point => point.X));
        var name = $"target {Shown.Level(analysed.Summary.Target.Metric, threshold)}";
        yield return new Series("target", name, Mark.Dashes, Palette.Grey, [new(first, threshold), new(last, threshold)]);
    }
}
