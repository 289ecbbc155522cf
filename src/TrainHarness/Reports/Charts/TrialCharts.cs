using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Reports.Charts;

/// <summary>The metric of every trial against what it had spent by then.</summary>
public static class TrialCharts
{
    /// <summary>A curve is drawn with at most this many points.</summary>
    private const int MostPoints = 200;

    /// <summary>Against compute, against time and, where it was measured, against energy.</summary>
    public static IEnumerable<Chart> Of(AnalysedStudy analysed)
    {
        var metric = analysed.Summary.Target.Metric;
        Chart?[] charts =
        [
            Against(analysed, "compute", $"{metric} against training compute", new Axis("training multiply-adds", Scale.Log), evaluation => evaluation.Ledger.Training.ToDouble()),
            Against(analysed, "time", $"{metric} against training time", new Axis("training time", Scale.LogSeconds), evaluation => evaluation.Seconds, trial => trial.Record.Clocks.IsItsOwn),
            Against(analysed, "energy", $"{metric} against energy", new Axis("energy of the device (J)", Scale.Log), evaluation => evaluation.Joules),
        ];
        return charts.OfType<Chart>();
    }

    private static Chart? Against(AnalysedStudy analysed, string name, string title, Axis across, Func<Evaluation, double?> spent, Func<TrialResult, bool>? isKnown = null)
    {
        var metric = analysed.Summary.Target.Metric;
        var ranking = new Ranking(analysed.Summary);
        var trials = ranking.Drawn(analysed.Results)
            .Where(trial => isKnown?.Invoke(trial) != false && trial.Evaluations.Any(evaluation => spent(evaluation) > 0)).ToList();
        if (trials.Count == 0)
            return null;
        var seen = new HashSet<string>();
        var curves = trials.ConvertAll(trial => new Series(
            trial.Record.Id,
            ranking.Legend(trial.Record.Entry, seen.Add(trial.Record.Entry)),
            Mark.Line,
            ranking.Colour(trial.Record.Entry),
            [.. Thinned.To([.. trial.Evaluations.Where(evaluation => spent(evaluation) > 0)], MostPoints)
                .Select(evaluation => new SeriesPoint(spent(evaluation)!.Value, evaluation.ValueOf(metric.Name)))]));
        var all = analysed.Trials().Count();
        var target = analysed.Summary.Target.Threshold is { } threshold
            ? $" The target, {Shown.Level(metric, threshold)}, is the dashed line."
            : "";
        return new Chart(
            name,
            title,
            string.Create(CultureInfo.InvariantCulture, $"{(trials.Count == 1 ? "The line of one trial" : $"One line for each of {trials.Count} trials")}: {metric} on the validation set, at every evaluation.{target}"),
            across,
            Axis.Of(metric),
            [.. TargetLine(analysed, curves), .. curves],
            trials.Count < all ? string.Create(CultureInfo.InvariantCulture, $"{trials.Count} of {all} trials are drawn, one seed of each entry before the next, the largest factors first.") : null);
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
