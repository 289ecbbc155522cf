using TrainHarness.Analysis;
using TrainHarness.Reports.Tables;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;

namespace TrainHarness.Reports.Sections;

/// <summary>What was measured once at the end of each trial, and some of what the networks wrote there.</summary>
internal static class TestSection
{
    private const int LinesOfEntry = 3;

    /// <summary>Null where no trial was tested.</summary>
    public static IReadOnlyList<ReportPart>? Parts(AnalysedStudy analysed)
    {
        var tested = analysed.Trials().Where(trial => trial.Record.Test is not null).ToList();
        if (tested.Count == 0)
            return null;
        var written = tested.Where(trial => trial.Record.Test!.Outputs.Count > 0).DistinctBy(trial => trial.Record.Entry).ToList();
        return
        [
            ReportPart.Of(
                "Measured once, where each trial ended, on examples that nothing had looked at before; no target is a level of it, "
                    + "and it is never charged."
            ),
            ReportPart.Of(Values(tested)),
            .. written.Count > 0 ? (ReportPart[])[ReportPart.Captioned(Outputs(written))] : [],
        ];
    }

    private static ReportTable Values(List<TrialResult> tested) =>
        new(
            "test",
            "On the test examples",
            [
                new("trial", IsNumber: false),
                new("metric", IsNumber: false),
                new("value"),
                new("examples"),
                new("multiply-adds, not charged"),
            ],
            [
                .. tested.Select(trial =>
                {
                    var test = trial.Record.Test!;
                    return (IReadOnlyList<Cell>)
                        [
                            trial.Record.Id,
                            test.Metric.Signature is { } signature ? $"{test.Metric.Name}, {signature}" : test.Metric.Name,
                            new(Shown.Level(test.Metric, test.Value), test.Value),
                            new(FormattableString.Invariant($"{test.Examples}"), test.Examples),
                            new(Shown.Macs(test.Macs), test.Macs.ToDouble()),
                        ];
                }),
            ]
        )
        {
            AllIn = "the trials' record.json",
        };

    private static ReportTable Outputs(List<TrialResult> written) =>
        new(
            "outputs",
            "What the networks wrote where their first trial ended, some lines of it",
            [new("trial", IsNumber: false), new("wrote", IsNumber: false)],
            [
                .. written.SelectMany(trial =>
                    trial.Record.Test!.Outputs.Take(LinesOfEntry).Select(line => (IReadOnlyList<Cell>)[trial.Record.Id, line])
                ),
            ]
        )
        {
            AllIn = "the trials' record.json",
        };
}
