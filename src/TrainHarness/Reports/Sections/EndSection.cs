using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Reports.Sections;

/// <summary>Every metric where the trials ended, where there is another one than the target's.</summary>
internal static class EndSection
{
    /// <summary>Null where all that was measured is what the target is a level of.</summary>
    public static IReadOnlyList<ReportPart>? Parts(AnalysedStudy analysed)
    {
        var trials = analysed.Trials().Where(trial => trial.Evaluations.Count > 0).ToList();
        var metrics = trials
            .SelectMany(trial => trial.Record.Metrics ?? [])
            .Where(metric => metric.PartOf is null)
            .DistinctBy(metric => metric.Name)
            .ToList();
        return metrics.Count < 2
            ? null
            :
            [
                ReportPart.Of("At the last evaluation of each trial. A trial that stops at the target was not trained further."),
                ReportPart.Folded(Table(trials, metrics), "All metrics by trial"),
            ];
    }

    private static ReportTable Table(List<TrialResult> trials, List<Metric> metrics) =>
        new(
            "ends",
            "All metrics, by trial",
            [new("trial", IsNumber: false), new("epochs"), .. metrics.Select(metric => new Column(metric.Name))],
            [
                .. trials.Select(trial =>
                {
                    var last = trial.Evaluations[^1];
                    return (IReadOnlyList<Cell>)
                        [
                            trial.Record.Id,
                            new(Shown.Number(last.Epoch, "0.##"), last.Epoch),
                            .. metrics.Select(metric => Value(metric, last)),
                        ];
                }),
            ]
        )
        {
            AllIn = "the trials' evaluations.csv",
        };

    private static Cell Value(Metric metric, Evaluation evaluation)
    {
        var value =
            metric.Name == Metric.LossName ? evaluation.Loss
            : evaluation.Metrics.TryGetValue(metric.Name, out var found) ? found
            : (double?)null;
        return new(Shown.Level(metric, value), value);
    }
}
