using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Checkpoints;

public sealed class ResumeTests : IDisposable
{
    private static readonly RmsPropRule RmsProp = new()
    {
        Decay = 0.9,
        Momentum = 0.9,
        Epsilon = 1,
        WeightDecay = 1e-4,
    };
    private static readonly AdamWRule AdamW = new()
    {
        Beta1 = 0.9,
        Beta2 = 0.999,
        Epsilon = 1e-8,
        WeightDecay = 0.05,
    };

    private static readonly Dictionary<string, Recipe> Recipes = new()
    {
        ["SGD"] = Trials.Recipe,
        ["Nesterov"] = Trials.Recipe with { Optimizer = Trials.Sgd with { Nesterov = true, ExemptOneDimensional = true } },
        ["AdamW"] = Trials.Recipe with { Optimizer = AdamW },
        ["RMSprop"] = Trials.Recipe with { Optimizer = RmsProp },
        ["average"] = Trials.Recipe with { AverageDecay = 0.99 },
        ["drop path"] = Trials.Recipe with { DropPath = 0.5 },
        ["channels last"] = Trials.Recipe with { MemoryFormat = MemoryFormat.ChannelsLast },
        ["bf16"] = Trials.Recipe with { Precision = Precision.Bf16 },
        ["noise"] = Trials.Recipe with
        {
            Augmentation = Trials.Recipe.Augmentation! with
            {
                Lighting = 0.1,
                RandAugment = new() { Operations = 2, Magnitude = 9 },
                RandomErasing = new()
                {
                    Probability = 1,
                    Area = [0.02, 0.33],
                    Ratio = [0.3, 3.3],
                    Fill = ErasingFill.Noise,
                },
                Mixing = new()
                {
                    Mixup = 0.8,
                    Cutmix = 1,
                    Probability = 1,
                },
            },
        },
        ["everything"] = Trials.Recipe with
        {
            Optimizer = AdamW with { ExemptOneDimensional = true },
            Precision = Precision.Bf16,
            MemoryFormat = MemoryFormat.ChannelsLast,
            GradientClip = 1,
            AverageDecay = 0.99,
            DropPath = 0.3,
            AuxiliaryLossWeight = 0.3,
        },
    };

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. Recipes.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_trial_that_is_stopped_after_every_step_ends_as_one_that_never_was(string name)
    {
        var plan = Trials.Plan(threshold: null, recipe: Recipes[name]) with { Architecture = SmallNetwork.Architecture };
        using var pack = Trials.Pack(folder);
        var undisturbed = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        var trial = new Interruption(plan, pack, folder["results"]);
        TrainingResult? resumed = null;
        var attempts = 0;
        while (resumed is null)
        {
            // What another process would find in the generator.
            random.manual_seed(attempts++);
            resumed = trial.Run(steps: 1);
        }

        Assert.Equal(15, attempts);
        Assert.Equal(Interruption.Shown(undisturbed), Interruption.Shown(resumed));
    }

    [Theory]
    [InlineData("RMSprop")]
    [InlineData("AdamW")]
    [InlineData("average")]
    [InlineData("noise")]
    [InlineData("everything")]
    public void A_trial_ends_the_same_while_the_garbage_collector_runs(string name)
    {
        var plan = Trials.Plan(threshold: null, recipe: Recipes[name]);
        using var pack = Trials.Pack(folder);
        var undisturbed = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        using var collector = new RunningCollector();
        var disturbed = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        Assert.Equal(Interruption.Shown(undisturbed), Interruption.Shown(disturbed));
    }

    [Theory]
    [InlineData("squeezenet1_1", 1, 1)]
    [InlineData("squeezenet1_1", 7, 2)]
    [InlineData("shufflenet_v2_x1_0", 4, 2)]
    [InlineData("shufflenet_v2_x1_0", 14, 1)]
    public void Dropout_and_batch_normalisation_go_on_where_they_were_with_one_thread_and_with_two(
        string architecture,
        int steps,
        int threads
    )
    {
        var plan = Trials.Plan(threshold: 0.9, architecture: architecture);
        plan = plan with { Study = plan.Study with { Threads = threads } };
        using var pack = Trials.Pack(folder);
        var undisturbed = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
        var trial = new Interruption(plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps));
        random.manual_seed(99);
        Assert.Equal(Interruption.Shown(undisturbed), Interruption.Shown(trial.Finish()));
        Assert.Contains(trial.Told, line =>
            line.StartsWith(FormattableString.Invariant($"goes on from step {steps} "), StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_crossing_before_the_stop_still_counts_after_it()
    {
        // Chance already suffices for a threshold of 0: the first evaluation, at step 2, crosses, and two more follow.
        var plan = Trials.Plan(threshold: 0) with { Architecture = SmallNetwork.Architecture };
        using var pack = Trials.Pack(folder);
        var trial = new Interruption(plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 3));
        var result = trial.Finish();
        Assert.Equal((3, 0), (result.Evaluations.Count, result.Crossing!.First));
    }

    [Fact]
    public void Clocks_add_up_and_the_time_between_is_in_none()
    {
        var plan = Trials.Plan(threshold: null) with { Architecture = SmallNetwork.Architecture };
        using var pack = Trials.Pack(folder);
        var trial = new Interruption(plan, pack, folder["results"]);
        Assert.Null(trial.Run(steps: 8));
        var (started, spent) = (trial.Clock.Started, trial.Clock.Seconds);
        var between = System.Diagnostics.Stopwatch.StartNew();
        // As long between as the first part took.
        SpinWait.SpinUntil(() => between.Elapsed.TotalSeconds > spent);
        var attempt = System.Diagnostics.Stopwatch.StartNew();
        var result = trial.Finish();
        Assert.Equal(started, trial.Clock.Started);
        Assert.InRange(trial.Clock.Seconds, attempt.Elapsed.TotalSeconds, spent + attempt.Elapsed.TotalSeconds);
        Assert.InRange(result.TrainingSeconds + result.EvaluationSeconds!.Value, double.Epsilon, trial.Clock.Seconds);
        var seconds = result.Evaluations.Select(evaluation => evaluation.Seconds).ToList();
        Assert.Equal(seconds.Order(), seconds);
        Assert.Equal(seconds.Count, seconds.Distinct().Count());
    }
}
