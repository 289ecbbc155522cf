using TrainHarness.Training.Engine;

namespace TrainHarness.Training;

/// <summary>How a program runs a trial; each part has the value that the command line has.</summary>
public sealed record TrialOptions
{
    /// <summary>Folder of all results; a study's lie below it, under its name.</summary>
    public string Results { get; init; } = "results";

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Where the dataset lies; null leaves it to the dataset file.</summary>
    public string? Data { get; init; }

    /// <summary>What studies may be of: those that come with the program, or more.</summary>
    public WorkloadCatalog Workloads { get; init; } = WorkloadCatalog.Shipped;

    /// <summary>Hears every step and every evaluation, on the thread that trains.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Takes the lines that people must read, such as of a trial that diverged.</summary>
    public Action<string>? Tell { get; init; }
}
