using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Workloads;

/// <summary>What a study trains and evaluates on, before it is prepared.</summary>
public interface IStudyData
{
    /// <summary>Refuses all that can be refused before anything is written.</summary>
    /// <returns>The metrics of a study of it; chance as the data tells it.</returns>
    /// <exception cref="ConfigurationException">The data is not where it should be, or not as it must be.</exception>
    IReadOnlyList<Metric> Check();

    /// <summary>What it would take, for a plan; nothing is written.</summary>
    DataExtent Measure();

    /// <summary>The data, prepared once and kept for the next time.</summary>
    /// <param name="verify">Compares what was kept with its checksum.</param>
    IPreparedData Prepare(bool verify, IProgress<PreparationProgress>? progress, CancellationToken cancellation);
}

/// <summary>What data would take.</summary>
/// <param name="Bytes">On the disk, once prepared.</param>
/// <param name="IsReady">It is prepared already.</param>
/// <param name="Metrics">Of a study of it; chance as the data tells it.</param>
/// <param name="Rehearse">Opens a trial that is never trained: to be priced, and to have its steps timed.</param>
public sealed record DataExtent(long Bytes, bool IsReady, IReadOnlyList<Metric> Metrics, Func<TrainingPlan, TrainingTask> Rehearse)
{
    /// <summary>What people must know of how it was read.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>
/// How far the preparation of data, or the check of what was there, is, in examples. Reports come from several threads and may overtake
/// each other.
/// </summary>
/// <param name="Unreadable">Name of an example that cannot be read, and why; null in every other report.</param>
/// <param name="IsCheck">It is the check, of which only a long one is reported.</param>
/// <param name="Rejected">Why what was already there is not used and the data is prepared again; null in every other report.</param>
public sealed record PreparationProgress(int Done, int Total, string? Rejected = null, string? Unreadable = null, bool IsCheck = false);
