using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Reports.Sections;

/// <summary>What the charged compute was spent on, where some of it made the training data.</summary>
internal static class ShareSection
{
    /// <summary>Null where data were only read.</summary>
    public static IReadOnlyList<ReportPart>? Parts(AnalysedStudy analysed)
    {
        var threshold = analysed.Summary.Target.Threshold;
        var results = analysed
            .Study.AllEntries.Select(entry => (entry.Name, Trials: Spent(analysed.Results[entry.Name], threshold)))
            .ToList();
        if (results.TrueForAll(entry => entry.Trials.TrueForAll(trial => trial.Ledger.Generation == Macs.Zero)))
            return null;
        var parts = analysed
            .Trials()
            .SelectMany(trial => trial.Record.Metrics ?? [])
            .Where(metric => metric.PartOf == Metric.OfGeneration)
            .Select(metric => metric.Name)
            .Distinct()
            .ToList();
        return
        [
            ReportPart.Of(
                "Parts of the charged compute up to the target, or to the end where it was missed; means over seeds. Generation is the "
                    + "forward passes that made the training data"
                    + $"{(parts.Count == 0 ? "" : $", without {string.Join(" and ", parts)}, which is spent there, too")}."
            ),
            ReportPart.Of(Table(results, parts)),
        ];
    }

    private static List<Evaluation> Spent(IReadOnlyList<TrialResult> trials, double? threshold) =>
        [
            .. trials
                .Where(trial => trial.Evaluations.Count > 0)
                .Select(trial =>
                    threshold is { } level ? new TrialCurve(trial).DecidingAt(level) ?? trial.Evaluations[^1] : trial.Evaluations[^1]
                )
                .Where(evaluation => evaluation.Ledger.Training != Macs.Zero),
        ];

    private static ReportTable Table(List<(string Name, List<Evaluation> Trials)> entries, List<string> parts) =>
        new(
            "shares",
            "What the compute to the target was spent on",
            [new("entry", IsNumber: false), new("generation"), .. parts.Select(part => new Column(part)), new("forward"), new("backward")],
            [
                .. entries
                    .Where(entry => entry.Trials.Count > 0)
                    .Select(entry =>
                        (IReadOnlyList<Cell>)
                            [
                                entry.Name,
                                Share(entry.Trials, trial =>
                                    Part(trial, trial.Ledger.Generation) * (1 - parts.Sum(part => Of(trial, part)))
                                ),
                                .. parts.Select(part =>
                                    Share(entry.Trials, trial => Part(trial, trial.Ledger.Generation) * Of(trial, part))
                                ),
                                Share(entry.Trials, trial => Part(trial, trial.Ledger.Forward)),
                                Share(entry.Trials, trial => Part(trial, trial.Ledger.GradInput + trial.Ledger.GradWeight)),
                            ]
                    ),
            ]
        );

    private static Cell Share(List<Evaluation> trials, Func<Evaluation, double> part)
    {
        var mean = trials.Average(part);
        return new Cell(Shown.Percent(mean), mean);
    }

    private static double Part(Evaluation evaluation, Macs spent) => spent.ToDouble() / evaluation.Ledger.Training.ToDouble();

    private static double Of(Evaluation evaluation, string part) => evaluation.Metrics.GetValueOrDefault(part);
}
