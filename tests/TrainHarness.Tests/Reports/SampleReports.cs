using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports;

/// <summary>Reports over records made from seeds: the usual study and the odd ones.</summary>
internal static class SampleReports
{
    public static IReadOnlyDictionary<string, Func<StudyReport>> All { get; } =
        new Dictionary<string, Func<StudyReport>>
        {
            ["several-entries"] = () => Of(new SyntheticStudy(6, 3, 40)),
            ["one-trial"] = () => Of(new SyntheticStudy(1, 1, 20)),
            ["only-misses"] = () => Of(new SyntheticStudy(3, 3, 20) { Threshold = 0.95 }),
            ["mixed-hardware"] = () => Of(new SyntheticStudy(3, 2, 30) { Watts = null, Device = number => $"GPU {number}" }),
            ["nothing-yet"] = Nothing,
        };

    public static StudyReport Of(SyntheticStudy made) => Of(made.Study, made.Results());

    public static StudyReport Of(Study study, IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results) =>
        new(new AnalysedStudy(study, StudySummary.Of(study, study.Target.Threshold, results), results, null));

    private static StudyReport Nothing()
    {
        var study = Samples.Study;
        return Of(study, study.AllEntries.ToDictionary(entry => entry.Name, _ => (IReadOnlyList<TrialResult>)[]));
    }
}
