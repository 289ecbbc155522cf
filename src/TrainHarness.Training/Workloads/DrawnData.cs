using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Workloads;

/// <summary>
/// Data that is made from a seed when it is needed, or lies in memory: no file of it can be missing, prepared or changed.
/// </summary>
/// <param name="record">Its checksum is one of all that decides what is drawn.</param>
/// <param name="metrics">Of a study of it.</param>
/// <param name="open">Opens a trial.</param>
/// <param name="recordOf">What a trial with such settings sees of it; null where all see all.</param>
public sealed class DrawnData(
    DatasetRecord record,
    IReadOnlyList<Metric> metrics,
    Func<TrainingPlan, TrainingTask> open,
    Func<IWorkloadSettings, DatasetRecord>? recordOf = null
) : IStudyData, IPreparedData
{
    public DatasetRecord Record => record;

    public DatasetRecord RecordOf(IWorkloadSettings seen) => recordOf?.Invoke(seen) ?? record;

    public string Identity => record.PackSha256;

    public IReadOnlyList<Metric> Metrics => metrics;

    /// <summary>Nothing can be missing.</summary>
    public IReadOnlyList<Metric> Check() => metrics;

    public DataExtent Measure() => new(Bytes: 0, IsReady: true, metrics, open);

    public IPreparedData Prepare(bool verify, IProgress<PreparationProgress>? progress, CancellationToken cancellation) => this;

    public void RequireUnchanged()
    {
        // Nobody can change it.
    }

    public TrainingTask Open(TrainingPlan plan) => open(plan);

    public void Dispose()
    {
        // Nothing is held.
    }
}
