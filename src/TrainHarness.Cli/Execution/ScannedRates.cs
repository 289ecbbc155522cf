using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>The learning rates of a study beside those that its scan found.</summary>
internal static class ScannedRates
{
    /// <summary>One line for each entry with a trial to run that is not at the best rate of its scan.</summary>
    /// <exception cref="ConfigurationException">A record of the scan cannot be used.</exception>
    public static IEnumerable<string> Findings(IWorkload workload, Study study, ResultStore store)
    {
        if (study.Scan is null)
            return [];
        var measured = new MeasuredStudy(study, store);
        return Reports.Wording.Findings.BeforeRun(
            ScanReport.TryReadFor(study, store)?.Summary,
            [
                .. study
                    .Trials.Where(trial => measured.Finished(trial) is null)
                    .Select(trial => trial.Entry)
                    .Distinct()
                    .Select(entry => (entry, entry.StartFor(workload.Architecture(study, entry).HasBatchNormalisation).LearningRate)),
            ]
        );
    }
}
