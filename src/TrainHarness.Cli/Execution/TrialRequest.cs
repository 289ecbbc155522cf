using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Execution;

/// <summary>One trial that is to run in this process.</summary>
/// <param name="Asked">What the command line asks of its study.</param>
/// <param name="CacheFolder">Where the stored datasets lie.</param>
/// <param name="Output">For the lines that people, or a study run, watch.</param>
internal sealed record TrialRequest(
    IWorkload Workload,
    Study Study,
    Trial Trial,
    ResultStore Store,
    StudyRequest Asked,
    string CacheFolder,
    TextWriter Output
)
{
    public IStudyData Data => Workload.Data(Study, Asked.DataPath, CacheFolder);
}
