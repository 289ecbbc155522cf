using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Engine;

public sealed class TrainingLoopTests : IDisposable
{
    private readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    [Fact]
    public void The_ledger_is_the_price_of_every_example_that_was_trained_on_and_evaluation_stands_apart()
    {
        // 72 examples in batches of 16: 4 full ones and a last one of 8; 3 epochs.
        var result = Run(Trials.Plan(threshold: null));
        var plan = Trials.Plan(threshold: null);
        var perExample = ImagePricer.Price((Architecture)plan.Architecture, new(3, Trials.Side), 1);
        Assert.Equal((216, 15), (result.Examples, result.Steps));
        Assert.Equal(perExample.Forward * 216, result.Ledger.Forward);
        Assert.Equal(perExample.GradInput * 216, result.Ledger.GradInput);
        Assert.Equal(perExample.GradWeight * 216, result.Ledger.GradWeight);
        Assert.Equal(perExample.Forward * (21 * result.Evaluations.Count), result.Ledger.Evaluation);
    }

    [Fact]
    public void A_trial_of_half_the_data_and_smaller_images_is_priced_as_it_is()
    {
        var plan = Trials.Plan(threshold: null);
        var entry = plan.Trial.Entry with { Variant = EntryVariant.Parse("data-0.5.size-16") };
        var result = Run(plan with { Trial = plan.Trial with { Entry = entry } });
        // 36 of 72 examples in batches of 16; 3 epochs.
        var perExample = ImagePricer.Price((Architecture)plan.Architecture, new(3, 16), 1);
        Assert.Equal((108, 9), (result.Examples, result.Steps));
        Assert.Equal(perExample.Forward * 108, result.Ledger.Forward);
        Assert.Equal(perExample.Forward * (21 * result.Evaluations.Count), result.Ledger.Evaluation);
    }

    [Fact]
    public void Evaluations_come_at_the_first_step_past_every_so_many_examples_and_at_the_end()
    {
        var result = Run(Trials.Plan(threshold: null));
        // Every 30 examples; steps end at 16, 32, 48, 64, 72 of each epoch of 72.
        Assert.Equal([32, 64, 104, 120, 160, 192, 216], result.Evaluations.Select(evaluation => evaluation.Examples));
        Assert.Equal(Outcome.Completed, result.Outcome);
        Assert.Equal(3, result.Evaluations[^1].Epoch);
    }

    [Fact]
    public void A_trial_stops_two_evaluations_past_its_first_crossing()
    {
        // Chance already suffices for a threshold of 0, so the first evaluation crosses.
        var result = Run(Trials.Plan(threshold: 0));
        Assert.Equal(Outcome.Reached, result.Outcome);
        Assert.Equal(0, result.Crossing!.First);
        Assert.Equal(3, result.Evaluations.Count);
    }

    [Fact]
    public void To_the_schedule_end_means_to_the_schedule_end() =>
        Assert.Equal(7, Run(Trials.Plan(threshold: 0, stop: StopRule.AtScheduleEnd)).Evaluations.Count);

    [Fact]
    public void A_target_that_nobody_reaches_is_missed()
    {
        var result = Run(Trials.Plan(threshold: 1, recipe: Trials.Recipe with { Epochs = 1 }));
        Assert.Equal(Outcome.Missed, result.Outcome);
        Assert.Null(result.Crossing);
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_a_diverged_trial()
    {
        var wild = Trials.Recipe with { Plain = Trials.Recipe.Plain with { LearningRate = 1e20 } };
        var result = Run(Trials.Plan(threshold: 0.99, recipe: wild, architecture: "squeezenet1_1"));
        Assert.Equal(Outcome.Diverged, result.Outcome);
        Assert.Contains(" loss at step ", result.Divergence, StringComparison.Ordinal);
        Assert.All(result.Evaluations, evaluation => Assert.True(double.IsFinite(evaluation.Loss!.Value)));
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_a_diverged_trial_also_where_the_loss_does_not_show_it()
    {
        var architecture = SmallNetwork.Architecture with
        {
            Build = options => new UnusedInfinity(SmallNetwork.Architecture.Build(options)),
        };
        var result = Run(Trials.Plan(threshold: null) with { Architecture = architecture });
        Assert.Equal((Outcome.Diverged, "'unused' at step 2"), (result.Outcome, result.Divergence));
    }

    [Fact]
    public void The_evaluation_that_finds_a_weight_that_is_not_finite_counts_as_a_crossing_as_any_other()
    {
        var architecture = SmallNetwork.Architecture with
        {
            Build = options => new UnusedInfinity(SmallNetwork.Architecture.Build(options)),
        };
        var result = Run(Trials.Plan(threshold: 0) with { Architecture = architecture });
        Assert.Equal((Outcome.Diverged, 1), (result.Outcome, result.Evaluations.Count));
        Assert.Equal(new Crossing(0, 0), result.Crossing);
    }

    [Fact]
    public void The_same_seed_gives_the_same_curve_bit_for_bit_and_another_seed_another()
    {
        double[] first = Losses(seed: 1),
            again = Losses(seed: 1),
            other = Losses(seed: 2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Training_learns()
    {
        var longer = Trials.Recipe with { Epochs = 30, LabelSmoothing = 0 };
        var result = Run(Trials.Plan(threshold: null, recipe: longer));
        Assert.True(
            result.Evaluations[^1].Metrics["top1"] > 0.6,
            $"ends at {result.Evaluations[^1].Metrics["top1"]} where chance is 0.333"
        );
    }

    [Fact]
    public void A_request_to_stop_is_heard_between_two_steps()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        using var pack = Trials.Pack(cache);
        Assert.Throws<OperationCanceledException>(() =>
            TrainingLoop.Run(Trials.Plan(threshold: null), ImageTask.On(pack), progress: null, stop.Token)
        );
    }

    public static TheoryData<string> Parts => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Every_part_of_a_recipe_changes_what_is_trained(string part)
    {
        Assert.Equal(Losses(Plain), Losses(Plain));
        Assert.NotEqual(Losses(Plain), Losses(Changes[part](Plain)));
    }

    [Fact]
    public void A_trial_starts_from_the_weights_of_its_seed_and_the_warm_up_leaves_no_trace()
    {
        // So small a rate changes nothing: what is evaluated at the end is what was built.
        var still = Plain with { Plain = Plain.Plain with { LearningRate = 1e-30 } };
        var plan = Trials.Plan(threshold: null, seed: 5, still, "squeezenet1_1");
        using var network = ((Architecture)plan.Architecture).BuildFrom(InitialWeights.He, seed: 5, new(3), CPU);
        using var pack = Trials.Pack(cache);
        using var augmentation = new Augmentation(still.Augmentation!, Trials.Shapes, CPU);
        var evaluated = Trials.Evaluator(network, pack, augmentation, Trials.Recipe).Evaluate();
        Assert.Equal(evaluated.Loss!.Value, Run(plan).Evaluations[^1].Loss!.Value, 6);
    }

    [Fact]
    public void Auxiliary_heads_are_trained_and_priced_and_evaluations_see_the_network_without_them()
    {
        var with = Run(Small(Trials.Recipe with { AuxiliaryLossWeight = 0.3 }));
        var without = Run(Small(Trials.Recipe));
        // The head's linear layer: 8 inputs, 3 classes.
        Assert.Equal(without.Ledger.Forward + Macs.Product(8, 3, 216), with.Ledger.Forward);
        Assert.Equal(without.Ledger.Evaluation, with.Ledger.Evaluation);
        Assert.Equal(without.Parameters + (8 * 3) + 3, with.Parameters);
        Assert.NotEqual(without.Evaluations[^1].Loss, with.Evaluations[^1].Loss);
    }

    [Theory]
    [InlineData(null, 0.0003)]
    [InlineData(0.1, 0.1)]
    public void The_running_statistics_take_the_recipes_share_of_a_batch(double? momentum, double expected)
    {
        var entry = new Entry("mnasnet1_0.small", "mnasnet1_0", Plain with { BatchNormalisationMomentum = momentum }, null);
        using var network = TrainedNetwork.Build(Architecture.MnasNet10, entry, seed: 1, classes: 3, Trials.Side, CPU);
        var normalisations = network.modules().OfType<BatchNormalisation>().ToList();
        Assert.Equal(52, normalisations.Count);
        Assert.All(normalisations, normalisation => Assert.Equal(expected, normalisation.Momentum, 12));
        using var scope = NewDisposeScope();
        network.call(randn(4, 3, Trials.Side, Trials.Side));
        // From 1, by that share towards the variance of the batch.
        var (_, first) = network.named_buffers().First(buffer => buffer.name.EndsWith("running_var", StringComparison.Ordinal));
        Assert.InRange((1 - first).abs().max().item<float>(), expected * 0.01, expected * 20);
    }

    [Fact]
    public void Drop_path_reaches_the_network() =>
        Assert.NotEqual(
            Run(Small(Trials.Recipe)).Evaluations[^1].Loss,
            Run(Small(Trials.Recipe with { DropPath = 0.5 })).Evaluations[^1].Loss
        );

    [Fact]
    public void Evaluating_an_average_does_not_change_what_is_trained()
    {
        var (with, without) = (TrainingLosses(Plain with { AverageDecay = 0.9 }), TrainingLosses(Plain));
        Assert.True(without.Distinct().Count() > 1);
        Assert.Equal(without, with);
    }

    [Fact]
    public void The_memory_format_changes_no_loss_but_for_rounding()
    {
        var laid = Losses(Plain with { MemoryFormat = MemoryFormat.ChannelsLast });
        Assert.Equal(Losses(Plain), laid, (one, other) => Math.Abs(one - other) < 1e-4);
    }

    [Fact]
    public void The_result_says_which_native_paths_were_used()
    {
        var recipe = Plain with { AverageDecay = 0.9, GradientClip = 1, Precision = Precision.Bf16 };
        var ofTheMachine = ConvolutionKernels.NativePaths();
        Assert.Equal(["fused-sgd", "foreach-average", "foreach-clip", "autocast-bf16", .. ofTheMachine], Run(Small(recipe)).NativePaths);
        Assert.Equal(["fused-sgd", .. ofTheMachine], Run(Small(Plain)).NativePaths);
    }

    private static TrainingPlan Small(Recipe recipe) =>
        Trials.Plan(threshold: null, recipe: recipe) with
        {
            Architecture = SmallNetwork.Architecture,
        };

    // Without batch normalisation, so that what the loss says of the weights is not hidden by running statistics.
    private static readonly Recipe Plain = Trials.Recipe with { Epochs = 1, Plain = Trials.Recipe.Plain with { LearningRate = 0.001 } };

    private static readonly Dictionary<string, Func<Recipe, Recipe>> Changes = new()
    {
        ["batch size"] = recipe => recipe with { BatchSize = 24 },
        ["learning rate"] = recipe => recipe with { Plain = recipe.Plain with { LearningRate = 0.0011 } },
        ["initial weights"] = recipe => recipe with { Plain = recipe.Plain with { Initialisation = InitialWeights.Torchvision } },
        ["momentum"] = recipe => recipe with { Optimizer = Trials.Sgd with { Momentum = 0.8 } },
        ["Nesterov"] = recipe => recipe with { Optimizer = Trials.Sgd with { Nesterov = true } },
        ["weight decay"] = recipe => recipe with { Optimizer = recipe.Optimizer with { WeightDecay = 0.1 } },
        ["schedule"] = recipe => recipe with { Schedule = new SmoothedStepSchedule(0.1, 3) },
        ["warm-up"] = recipe => recipe with { WarmUpEpochs = 0.5 },
        ["label smoothing"] = recipe => recipe with { LabelSmoothing = 0 },
        ["RMSprop"] = recipe =>
            recipe with
            {
                Optimizer = new RmsPropRule
                {
                    Decay = 0.9,
                    Momentum = 0.9,
                    Epsilon = 1,
                    WeightDecay = 1e-4,
                },
            },
        ["AdamW"] = recipe =>
            recipe with
            {
                Optimizer = new AdamWRule
                {
                    Beta1 = 0.9,
                    Beta2 = 0.999,
                    Epsilon = 1e-8,
                    WeightDecay = 0.05,
                },
            },
        ["exemption from weight decay"] = recipe =>
            recipe with
            {
                Optimizer = Trials.Sgd with { WeightDecay = 0.1, ExemptOneDimensional = true },
            },
        ["precision"] = recipe => recipe with { Precision = Precision.Bf16 },
        ["gradient clip"] = recipe => recipe with { GradientClip = 0.01 },
        ["average"] = recipe => recipe with { AverageDecay = 0.999 },
        ["RandAugment"] = recipe =>
            recipe with
            {
                Augmentation = recipe.Augmentation! with
                {
                    RandAugment = new() { Operations = 2, Magnitude = 9 },
                },
            },
        ["lighting"] = recipe => recipe with { Augmentation = recipe.Augmentation! with { Lighting = 0.1 } },
        ["random erasing"] = recipe =>
            recipe with
            {
                Augmentation = recipe.Augmentation! with
                {
                    RandomErasing = new()
                    {
                        Probability = 1,
                        Area = [0.02, 0.33],
                        Ratio = [0.3, 3.3],
                        Fill = ErasingFill.Noise,
                    },
                },
            },
        ["mixup"] = recipe =>
            recipe with
            {
                Augmentation = recipe.Augmentation! with
                {
                    Mixing = new()
                    {
                        Mixup = 0.8,
                        Cutmix = 0,
                        Probability = 1,
                    },
                },
            },
        ["CutMix"] = recipe =>
            recipe with
            {
                Augmentation = recipe.Augmentation! with
                {
                    Mixing = new()
                    {
                        Mixup = 0,
                        Cutmix = 1,
                        Probability = 1,
                    },
                },
            },
        ["crop"] = recipe => recipe with { Augmentation = recipe.Augmentation! with { CropScale = [0.9, 1] } },
        ["flip"] = recipe => recipe with { Augmentation = recipe.Augmentation! with { Flip = 0 } },
    };

    private double[] Losses(Recipe recipe) =>
        [
            .. Run(Trials.Plan(threshold: null, recipe: recipe, architecture: "squeezenet1_1"))
                .Evaluations.Select(evaluation => evaluation.Loss!.Value),
        ];

    private double[] Losses(int seed) =>
        [.. Run(Trials.Plan(threshold: null, seed)).Evaluations.Select(evaluation => evaluation.Loss!.Value)];

    private TrainingResult Run(TrainingPlan plan, IProgress<TrainingProgress>? progress = null)
    {
        using var pack = Trials.Pack(cache);
        return TrainingLoop.Run(plan, ImageTask.On(pack), progress, TestContext.Current.CancellationToken);
    }

    private List<double> TrainingLosses(Recipe recipe)
    {
        var seen = new Seen();
        Run(Trials.Plan(threshold: null, recipe: recipe with { Epochs = 5 }, architecture: "squeezenet1_1"), seen);
        return seen.Losses;
    }

    private sealed class UnusedInfinity : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> used;
        private readonly Tensor unused = tensor(float.PositiveInfinity);

        public UnusedInfinity(nn.Module<Tensor, Tensor> used)
            : base(nameof(UnusedInfinity))
        {
            this.used = used;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => used.call(input);
    }

    private sealed class Seen : IProgress<TrainingProgress>
    {
        public List<double> Losses { get; } = [];

        public void Report(TrainingProgress value) => Losses.Add(value.Loss);
    }
}
