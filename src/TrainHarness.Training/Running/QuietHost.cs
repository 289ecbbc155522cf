using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Training.Running;

/// <summary>A program that runs trials by this library and writes no log.</summary>
internal sealed class QuietHost(IProgress<TrainingProgress>? progress, Action<string>? tell) : ITrialHost
{
    public IProgress<TrainingProgress> Progress { get; } = progress ?? new Nobody();

    public void BeforeLoading(CancellationToken cancellation) { }

    public IProgress<PreparationProgress>? Preparation => null;

    public IReadOnlyList<string> NativePaths(TrainingPlan plan) => [];

    public void Started(TrainingPlan plan) { }

    public void Tell(string line) => tell?.Invoke(line);

    public void Ended(TrialRecord record) { }

    public void Stopped() { }

    public void Awaiting() { }

    public void Failed(Exception reason) { }

    public void Dispose() { }

    private sealed class Nobody : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) { }
    }
}
