using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Engine;

/// <summary>Small real trials: drawn shapes, real networks, seconds on a CPU.</summary>
internal static class Trials
{
    public const int Side = 32;

    public static DatasetDescription Shapes { get; } =
        new()
        {
            Name = "shapes",
            Kind = DatasetKind.Synthetic,
            Path = null,
            Mean = [0.5, 0.5, 0.5],
            StandardDeviation = [0.25, 0.25, 0.25],
            Synthetic = new SyntheticDescription
            {
                Seed = 1,
                Classes = 3,
                TrainPerClass = 24,
                ValidationPerClass = 7,
            },
        };

    public static SgdRule Sgd { get; } =
        new()
        {
            Momentum = 0.9,
            Nesterov = false,
            WeightDecay = 1e-4,
        };

    public static Recipe Recipe { get; } =
        new()
        {
            Name = "small",
            Epochs = 3,
            BatchSize = 16,
            Optimizer = Sgd,
            Plain = new StartRule { LearningRate = 0.01, Initialisation = InitialWeights.He },
            BatchNormalised = new StartRule { LearningRate = 0.02, Initialisation = InitialWeights.Torchvision },
            Schedule = new CosineSchedule(),
            WarmUpEpochs = 0,
            LabelSmoothing = 0.1,
            Augmentation = new AugmentationRule
            {
                CropScale = [0.5, 1],
                CropRatio = [0.75, 4 / 3.0],
                Flip = 0.5,
            },
            Precision = Precision.Fp32,
        };

    /// <summary>All of the drawn shapes, as large as they are packed.</summary>
    public static ImageSettings Images { get; } =
        new()
        {
            Dataset = Shapes,
            Subset = Subset.Everything,
            ImageSize = Side,
            PackSize = Side,
        };

    public static DatasetPack Pack(TemporaryFolder cache) =>
        DatasetPreparation.OpenOrCreate(
            Shapes,
            Subset.Everything,
            Side,
            null,
            cache.Path,
            verify: false,
            progress: null,
            TestContext.Current.CancellationToken
        );

    public static Evaluator Evaluator(nn.Module<Tensor, Tensor> network, DatasetPack pack, Augmentation augmentation, Recipe recipe) =>
        new(network, ImageCounts.Of(pack.Header), new StreamedExamples(pack, CPU), augmentation, recipe, Images, CPU);

    public static TrainingPlan Plan(
        double? threshold,
        int seed = 1,
        Recipe? recipe = null,
        string architecture = "shufflenet_v2_x1_0",
        StopRule stop = StopRule.AtTarget
    )
    {
        var entry = new Entry($"{architecture}.small", architecture, recipe ?? Recipe, null);
        return new TrainingPlan
        {
            Study = new Study
            {
                Name = "small",
                Settings = Images,
                Target = new Target(ClassificationMetrics.Of(classes: null)[0], threshold, FromBaseline: false),
                Baseline = entry,
                Entries = [],
                Seeds = [seed],
                Stop = stop,
                EvaluateEveryExamples = 30,
                CheckpointEveryMinutes = 5,
                Threads = 1,
            },
            Trial = new Trial(entry, seed),
            Architecture = ArchitectureCatalog.ByName(architecture),
            Threshold = threshold,
            Device = CPU,
        };
    }
}
