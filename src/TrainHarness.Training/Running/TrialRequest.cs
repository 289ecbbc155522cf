using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Training.Running;

/// <summary>One trial that is to run in this process.</summary>
public sealed record TrialRequest
{
    public required IWorkload Workload { get; init; }

    public required Study Study { get; init; }

    public required Trial Trial { get; init; }

    public required ResultStore Store { get; init; }

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Where the dataset lies; null leaves it to the study.</summary>
    public string? Data { get; init; }

    /// <summary>Where the stored datasets lie.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Trials that may share the device, whose seconds and joules then are none of this one's own.</summary>
    public int PerDevice { get; init; } = 1;

    /// <summary>False where other trials run on the same processors, whose energy nothing tells apart.</summary>
    public bool IsAlone { get; init; } = true;

    /// <summary>
    /// <see cref="IPreparedData.Identity"/> of the data that whoever started this process has verified; null where nobody has.
    /// </summary>
    public string? VerifiedData { get; init; }

    internal IStudyData OpenData => Workload.Data(Study, Data is null ? null : Path.GetFullPath(Data), CacheFolder);
}
