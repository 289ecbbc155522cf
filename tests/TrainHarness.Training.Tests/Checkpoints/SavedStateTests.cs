using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Checkpoints;

/// <summary>What a workload carries from step to step is saved with everything else.</summary>
public sealed class SavedStateTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_a_workload_carries_goes_on_where_it_was()
    {
        var plan = Trials.Plan(threshold: null) with { Architecture = SmallNetwork.Architecture };
        using var pack = Trials.Pack(folder);
        var undisturbed = new Seen();
        TrainingLoop.Run(plan, With(undisturbed, ImageTask.On(pack)), progress: null, TestContext.Current.CancellationToken);

        var trial = new Interruption(plan, pack, folder["results"]);
        var (before, after) = (new Seen(), new Seen());
        trial.Open = With(before, trial.Open);
        Assert.Null(trial.Run(steps: 7));
        trial.Open = With(after, ImageTask.On(pack));
        trial.Finish();

        Assert.Equal(7, after.ResumedAfter);
        Assert.Equal(15, undisturbed.Count.item<long>());
        Assert.Equal(undisturbed.Count.item<long>(), after.Count.item<long>());
    }

    private static Func<TrainingPlan, TrainingTask> With(Seen seen, Func<TrainingPlan, TrainingTask> open) =>
        plan =>
        {
            var task = open(plan);
            return task with
            {
                Batches = new Counted(task.Batches, seen),
                SavedStates = new Dictionary<string, ISavedState> { ["seen"] = seen },
            };
        };

    /// <summary>Counts the batches that the loop took.</summary>
    private sealed class Seen : ISavedState
    {
        public Tensor Count { get; } = zeros(1, dtype: ScalarType.Int64);

        public long? ResumedAfter { get; private set; }

        public IReadOnlyDictionary<string, Tensor> State => new Dictionary<string, Tensor> { ["count"] = Count };

        public void ResumeAfter(long steps) => ResumedAfter = steps;
    }

    private sealed class Counted(IBatchSource batches, Seen seen) : IBatchSource
    {
        public long Steps => batches.Steps;

        public IEnumerable<IBatch> From(long first)
        {
            foreach (var batch in batches.From(first))
            {
                using (no_grad())
                    seen.Count.add_(ones_like(seen.Count));
                yield return batch;
            }
        }
    }
}
