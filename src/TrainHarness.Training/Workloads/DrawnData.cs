using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Workloads;

/// <summary>Data that is made from a seed when it is needed: no file of it can be missing, prepared or changed.</summary>
/// <param name="record">Its checksum is one of all that decides what is drawn.</param>
/// <param name="open">Opens a trial.</param>
public sealed class DrawnData(DatasetRecord record, Func<TrainingPlan, TrainingTask> open) : IStudyData, IPreparedData
{
    public DatasetRecord Record => record;

    public string Identity => record.PackSha256;

    public void Check()
    {
        // Nothing can be missing.
    }

    public DataExtent Measure() => new(Bytes: 0, IsReady: true, open);

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
