namespace TrainHarness.Protocol;

/// <summary>
/// What a cluster is asked for, for each trial of a study. Its keys in a file are those of submitit, with the same meanings.
/// </summary>
public sealed record Cluster
{
    public string? Partition { get; init; }

    public string? Account { get; init; }

    public string? Qos { get; init; }

    /// <summary>Features that the node of a trial must have, as Slurm writes them: <c>a100&amp;nvme</c>.</summary>
    public string? Constraint { get; init; }

    /// <summary>One, or none for trials on a CPU: a trial computes on one device.</summary>
    public required int GpusPerNode { get; init; }

    /// <summary>Null is as many as the study's <c>threads</c>.</summary>
    public int? CpusPerTask { get; init; }

    /// <summary>Of each trial, in units of 2^30 bytes; null leaves it to the cluster.</summary>
    public double? MemoryGigabytes { get; init; }

    /// <summary>After which the cluster ends a task.</summary>
    public required int TimeoutMinutes { get; init; }

    /// <summary>How long before that a task is told, so that it can save what it has.</summary>
    public int SignalDelaySeconds { get; init; } = 90;

    /// <summary>How many tasks may run at a time; null leaves it to the cluster.</summary>
    public int? ArrayParallelism { get; init; }

    /// <summary>Lines of the shell that a task begins with, such as <c>module load</c>.</summary>
    public IReadOnlyList<string> Setup { get; init; } = [];

    /// <summary>More options of sbatch for trials, in the order of the file. The value <c>true</c> is an option without one.</summary>
    public IReadOnlyList<(string Option, string Value)> AdditionalParameters { get; init; } = [];

    /// <summary>What Kubernetes needs to know besides; null where the file is for Slurm alone.</summary>
    public KubernetesSettings? Kubernetes { get; init; }
}

/// <summary>What a job of Kubernetes needs that Slurm does not.</summary>
/// <param name="Image">Of the container that has the program.</param>
/// <param name="Namespace">Null is the one that kubectl uses.</param>
/// <param name="ResultsClaim">Name of the volume claim of the results; many pods write to it.</param>
/// <param name="DataClaim">Of the volume claim of the dataset; null where the data is drawn or downloaded.</param>
public sealed record KubernetesSettings(string Image, string? Namespace, string ResultsClaim, string? DataClaim);
