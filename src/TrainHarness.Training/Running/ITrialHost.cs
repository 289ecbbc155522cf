using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Training.Running;

/// <summary>The program that a trial runs in: it hears how the trial goes, and says what the trial cannot know.</summary>
public interface ITrialHost : IDisposable
{
    /// <summary>libtorch is loaded next: what has to be chosen before is chosen now.</summary>
    void BeforeLoading(CancellationToken cancellation);

    IProgress<TrainingProgress> Progress { get; }

    /// <summary>Of the data, where it has to be prepared.</summary>
    IProgress<PreparationProgress>? Preparation { get; }

    /// <summary>
    /// What this process was started with that makes a trial faster, as <see cref="EnvironmentRecord.NativePaths"/> names it.
    /// </summary>
    IReadOnlyList<string> NativePaths(TrainingPlan plan);

    /// <summary>The trial holds its folder and begins.</summary>
    void Started(TrainingPlan plan);

    /// <summary>A line that people must read.</summary>
    void Tell(string line);

    void Ended(TrialRecord record);

    /// <summary>On request, with a checkpoint.</summary>
    void Stopped();

    /// <summary>At the end of its schedule, with a checkpoint, before its target is known.</summary>
    void Awaiting();

    void Failed(Exception reason);
}
