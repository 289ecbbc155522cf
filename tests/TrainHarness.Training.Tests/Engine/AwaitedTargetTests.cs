using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TrainHarness.Compute;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Clocks;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification;

namespace TrainHarness.Training.Tests.Engine;

/// <summary>
/// Trials that start before their target is known. Evaluations come at 32, 64, 104, 120, 160, 192 and 216 examples, and the first
/// reaches a threshold of 0.
/// </summary>
public sealed class AwaitedTargetTests : IDisposable
{
    private readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    [Theory]
    // It is asked before the first step, and after each evaluation.
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 120 - 104)]
    [InlineData(7, 216 - 104)]
    public void A_trial_that_learns_its_target_late_is_charged_as_one_that_knew_it_and_says_how_far_it_ran_beyond(
        int asksInVain,
        long beyond
    )
    {
        var knew = Run(Trials.Plan(threshold: 0));
        var late = Run(Awaiting(asksInVain));
        Assert.Equal((Outcome.Reached, 104, 0.0), (late.Outcome, late.Examples, late.Threshold));
        Assert.Equal((knew.Crossing, knew.Steps, knew.Ledger), (late.Crossing, late.Steps, late.Ledger));
        Assert.Equal(knew.Evaluations.Select(Comparable), late.Evaluations.Select(Comparable));
        if (beyond == 0)
        {
            Assert.Null(late.Beyond);
            Assert.Equal(knew.WeightsSha256, late.WeightsSha256);
            return;
        }

        Assert.Equal(
            (beyond, knew.StepCost.Training.Count / 16 * (UInt128)beyond),
            (late.Beyond!.Examples, late.Beyond.TrainingMacs.Count)
        );
        Assert.Equal(late.Evaluations[^1].Seconds, late.TrainingSeconds);
        // The weights are those of another step.
        Assert.Null(late.WeightsSha256);
    }

    [Fact]
    public void A_trial_that_runs_to_its_schedules_end_anyway_ends_as_one_that_knew_its_target()
    {
        var (knew, late) = (Run(Trials.Plan(threshold: 1)), Run(Awaiting(asksInVain: 5, threshold: 1)));
        Assert.Equal((Outcome.Missed, 216, null), (late.Outcome, late.Examples, late.Beyond));
        Assert.Equal(knew.WeightsSha256, late.WeightsSha256);
    }

    [Fact]
    public void A_trial_whose_schedule_ends_before_its_target_is_known_waits_with_a_checkpoint_and_is_judged_later()
    {
        var knew = Run(Trials.Plan(threshold: 0));
        var store = new ResultStore(cache["results"]);
        Assert.Throws<TargetAwaitedException>(() => Run(Awaiting(asksInVain: 100), store));
        Assert.True(store.HasCheckpoint(Trials.Plan(null).Trial.Id));
        // With the target it does not make another step.
        var late = Run(Trials.Plan(threshold: 0), store);
        Assert.Equal((Outcome.Reached, knew.Crossing, knew.Ledger), (late.Outcome, late.Crossing, late.Ledger));
        Assert.Equal(216 - 104, late.Beyond!.Examples);
    }

    [Fact]
    public void Steps_that_a_checkpoint_holds_after_the_deciding_evaluation_are_beyond_it()
    {
        // Evaluations come at 64, 120 and 192 examples, of which the third confirms; the stop comes at 208, before another evaluation.
        TrainingPlan Seldom(TrainingPlan plan) => plan with { Study = plan.Study with { EvaluateEveryExamples = 60 } };
        var knew = Run(Seldom(Trials.Plan(threshold: 0)));
        Assert.Equal(192, knew.Examples);
        var store = new ResultStore(cache["results"]);
        Assert.Throws<OperationCanceledException>(() => Run(Seldom(Awaiting(asksInVain: 100)), store, stopAfterSaves: 14));
        var late = Run(Seldom(Trials.Plan(threshold: 0)), store);
        Assert.Equal((knew.Examples, knew.Steps, knew.Ledger), (late.Examples, late.Steps, late.Ledger));
        Assert.Equal(208 - 192, late.Beyond!.Examples);
        Assert.Null(late.WeightsSha256);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Seconds_hold_neither_the_look_for_the_target_nor_evaluations_beyond_the_end(bool isStopped)
    {
        var pause = TimeSpan.FromMilliseconds(300);
        // Runs but while the trial looks for its target.
        var (between, looks, evaluations, charged) = (new Stopwatch(), 0, 0, 0.0);
        var waiting = Trials.Plan(threshold: null) with { AwaitedThreshold = () => Look(isStopped ? int.MaxValue : 7) };
        var store = new ResultStore(cache["results"]);
        if (isStopped)
            Assert.Throws<TargetAwaitedException>(() => Run(waiting, store, evaluator: Slow));
        var late = Run(isStopped ? Trials.Plan(threshold: 0) : waiting, store, evaluator: Slow);
        Assert.Equal((7, 104, 216 - 104), (evaluations, late.Examples, late.Beyond!.Examples));
        Assert.InRange(late.TrainingSeconds + late.EvaluationSeconds!.Value, double.Epsilon, charged);

        double? Look(int inVain)
        {
            between.Stop();
            looks++;
            // The first comes before the first step, and the third evaluation confirms the crossing.
            if (looks == 1 + 3)
                charged = between.Elapsed.TotalSeconds;
            Thread.Sleep(pause);
            between.Start();
            return looks > inVain ? 0 : null;
        }

        IEvaluator Slow(IEvaluator inner) => new Announced(inner, () =>
            {
                if (++evaluations > 3)
                    Thread.Sleep(pause);
            });
    }

    [Fact]
    public void Seconds_of_evaluations_that_a_checkpoint_of_an_earlier_version_does_not_tell_apart_are_unknown()
    {
        var store = new ResultStore(cache["results"]);
        Assert.Throws<TargetAwaitedException>(() => Run(Awaiting(asksInVain: 100), store));
        Forget("evaluationEnds", store.CheckpointFile(Trials.Plan(null).Trial.Id));
        var late = Run(Trials.Plan(threshold: 0), store);
        Assert.Equal((Outcome.Reached, 216 - 104), (late.Outcome, late.Beyond!.Examples));
        Assert.Null(late.EvaluationSeconds);
    }

    [Fact]
    public void A_trial_that_diverges_before_its_target_is_known_is_not_judged_yet()
    {
        var wild = Trials.Recipe with { Plain = Trials.Recipe.Plain with { LearningRate = 1e20 } };
        var plan = Trials.Plan(threshold: null, recipe: wild, architecture: "squeezenet1_1") with { AwaitedThreshold = () => null };
        Assert.Throws<TargetAwaitedException>(() => Run(plan));
    }

    private static TrainingPlan Awaiting(int asksInVain, double threshold = 0)
    {
        var asked = 0;
        return Trials.Plan(threshold: null) with { AwaitedThreshold = () => ++asked > asksInVain ? threshold : null };
    }

    private static (long Step, long Examples, ComputeLedger Ledger, double? Loss) Comparable(Evaluation evaluation) =>
        (evaluation.Step, evaluation.Examples, evaluation.Ledger, evaluation.Loss);

    /// <summary>Takes a key out of the header of a checkpoint.</summary>
    private static void Forget(string key, string file)
    {
        // After the title and the length of the header.
        const int titleBytes = 26;
        var whole = File.ReadAllBytes(file);
        var length = BitConverter.ToInt32(whole, titleBytes);
        var header = JsonNode.Parse(whole.AsSpan(titleBytes + sizeof(int), length))!.AsObject();
        Assert.True(header.Remove(key));
        var json = Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] body =
        [
            .. whole[..titleBytes],
            .. BitConverter.GetBytes(json.Length),
            .. json,
            .. whole[(titleBytes + sizeof(int) + length)..^SHA256.HashSizeInBytes],
        ];
        File.WriteAllBytes(file, [.. body, .. SHA256.HashData(body)]);
    }

    private TrainingResult Run(
        TrainingPlan plan,
        ResultStore? store = null,
        int stopAfterSaves = int.MaxValue,
        Func<IEvaluator, IEvaluator>? evaluator = null
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var saves = 0;
        var interval = stopAfterSaves == int.MaxValue ? TimeSpan.FromHours(1) : TimeSpan.Zero;
        void Saved()
        {
            if (++saves == stopAfterSaves)
                stop.Cancel();
        }

        using var pack = Trials.Pack(cache);
        using var suspensions = new SuspensionWatch();
        var origin = new CheckpointOrigin(plan.Trial.Id, "configuration", "pack", plan.Threshold, "cpu", "processor", "libtorch");
        var checkpoints = store is null
            ? null
            : new TrialCheckpoints(store, origin, interval, new TrialClock(suspensions, 1), _ => { }, Saved);
        var open = ImageTask.On(pack);
        return TrainingLoop.Run(
            plan,
            asked => open(asked) is var task && evaluator is not null ? task with { Evaluator = evaluator(task.Evaluator) } : task,
            checkpoints,
            progress: null,
            stop.Token
        );
    }

    private sealed class Announced(IEvaluator inner, Action before) : IEvaluator
    {
        public IReadOnlyList<Protocol.Metric> Metrics => inner.Metrics;

        public EvaluationResult Evaluate()
        {
            before();
            return inner.Evaluate();
        }
    }
}
