using TrainHarness.Protocol;

namespace TrainHarness.Cli.Clusters;

/// <summary>One job that a study is submitted as: an array of trials, or the report.</summary>
/// <param name="Name">Of its script and of its manifest.</param>
/// <param name="Trials">By index; none for the report.</param>
/// <param name="After">Names of the jobs that come before it, and what must have become of them.</param>
internal sealed record PlannedJob(string Name, IReadOnlyList<Trial> Trials, JobDependency After);

/// <summary>What a job waits for.</summary>
/// <param name="Planned">Names of jobs of the same submission.</param>
/// <param name="Queued">Numbers of jobs that are in the queue already.</param>
/// <param name="MustSucceed">Whether it may start only if all of them ended well; otherwise when they have ended, however that was.</param>
internal sealed record JobDependency(IReadOnlyList<string> Planned, IReadOnlyList<string> Queued, bool MustSucceed)
{
    /// <summary>Name of an array of the same submission that must have ended besides, however that was; null for none.</summary>
    public string? Ended { get; init; }

    public static JobDependency None { get; } = new([], [], MustSucceed: false);

    public bool IsNone => Planned.Count + Queued.Count == 0 && Ended is null;
}
