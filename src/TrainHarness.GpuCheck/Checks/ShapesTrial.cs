using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>Small trials on drawn shapes, by the engine that studies use.</summary>
internal sealed record ShapesTrial
{
    public required string Device { get; init; }

    public required int Side { get; init; }

    public required int TrainPerClass { get; init; }

    public int Classes { get; init; } = 5;

    public int ValidationPerClass { get; init; } = 40;

    public bool Deterministic { get; init; }

    public int EvaluateEveryExamples { get; init; } = 1_000_000;

    /// <summary>The pack of the drawn shapes, made anew in a folder.</summary>
    public DatasetPack Pack(string folder)
    {
        TorchLibrary.Load();
        return DatasetPreparation.OpenOrCreate(
            Dataset,
            Subset.Everything,
            Side,
            null,
            folder,
            verify: false,
            progress: null,
            CancellationToken.None
        );
    }

    public static Recipe Recipe { get; } =
        TimedTraining.Recipe with
        {
            Name = "gpu-check",
            Plain = new StartRule { LearningRate = 0.01, Initialisation = InitialWeights.He },
            BatchNormalised = new StartRule { LearningRate = 0.02, Initialisation = InitialWeights.Torchvision },
            Augmentation = new AugmentationRule
            {
                CropScale = [0.5, 1],
                CropRatio = [0.75, 4 / 3.0],
                Flip = 0.5,
            },
        };

    public TrainingPlan Plan(string architecture, Recipe recipe, int seed = 1)
    {
        var entry = new Entry($"{architecture}.{recipe.Name}", architecture, recipe, null);
        return new TrainingPlan
        {
            Study = new Study
            {
                Name = "gpu-check",
                Settings = new ImageSettings
                {
                    Dataset = Dataset,
                    Subset = Subset.Everything,
                    ImageSize = Side,
                    PackSize = Side,
                },
                Target = new Target(ClassificationMetrics.Of(classes: null)[0], null, FromBaseline: true),
                Baseline = entry,
                Entries = [],
                Seeds = [seed],
                Stop = StopRule.AtScheduleEnd,
                EvaluateEveryExamples = EvaluateEveryExamples,
                CheckpointEveryMinutes = 60,
                Threads = Device == "cpu" ? 1 : Math.Min(8, Environment.ProcessorCount),
                Deterministic = Deterministic,
            },
            Trial = new Trial(entry, seed),
            Architecture = ArchitectureCatalog.ByName(architecture),
            Threshold = null,
            Device = ComputeDevice.Parse(Device),
        };
    }

    private DatasetDescription Dataset =>
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
                Classes = Classes,
                TrainPerClass = TrainPerClass,
                ValidationPerClass = ValidationPerClass,
            },
        };
}
