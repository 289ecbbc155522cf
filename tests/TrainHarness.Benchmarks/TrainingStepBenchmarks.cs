using BenchmarkDotNet.Attributes;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Compute;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>
/// One training step on a CPU, batch 32 at 64 px: augment, forward, loss, backward, fused SGD; and what the compute ledger adds to it. The
/// ratio of the ledger is its share of a step; it is to stay under 0.005.
/// </summary>
public class TrainingStepBenchmarks : IDisposable
{
    private const int Batch = 32;
    private const int ImageSize = 64;

    internal static readonly Recipe Recipe = new()
    {
        Name = "benchmark",
        Epochs = 1,
        BatchSize = Batch,
        Optimizer = new SgdRule { Momentum = 0.9, Nesterov = false, WeightDecay = 1e-4 },
        Plain = new StartRule { LearningRate = 0, Initialisation = InitialWeights.Torchvision },
        BatchNormalised = new StartRule { LearningRate = 0, Initialisation = InitialWeights.Torchvision },
        Schedule = new CosineSchedule(),
        WarmUpEpochs = 0,
        LabelSmoothing = 0,
        Augmentation = new AugmentationRule { CropScale = [0.25, 1], CropRatio = [0.75, 4 / 3.0], Flip = 0.5 },
        Precision = Precision.Fp32,
    };

    internal static readonly DatasetDescription Dataset = new()
    {
        Name = "noise",
        Kind = DatasetKind.Synthetic,
        Path = null,
        Mean = [0.5, 0.5, 0.5],
        StandardDeviation = [0.25, 0.25, 0.25],
        Synthetic = null,
    };

    private nn.Module<Tensor, Tensor> network = null!;
    private IOptimizer optimizer = null!;
    private Augmentation augmentation = null!;
    private TrainingStep step = null!;
    private Tensor pixels = null!;
    private Tensor labels = null!;
    private Dictionary<int, NetworkCost> costs = [];
    private ComputeLedger ledger = new(default, default, default, default);
    private Random random = new(1);

    [Params("alexnet", "resnet18", "resnet50", "mobilenet_v2", "efficientnet_b0", "vit_b_16")]
    public string Architecture { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        var architecture = ArchitectureCatalog.ByName(Architecture);
        network = architecture.BuildFrom(InitialWeights.Torchvision, seed: 1, new(10, ImageSize), CPU);
        optimizer = Optimizer.For(Recipe.Optimizer, network.parameters());
        augmentation = new Augmentation(Recipe.Augmentation, Dataset, CPU);
        step = new TrainingStep(network, optimizer, average: null, augmentation, Recipe, ImageSize);
        pixels = randint(0, 256, [Batch, 3, ImageSize, ImageSize], dtype: ScalarType.Byte);
        labels = zeros(Batch, dtype: ScalarType.Int64);
        costs = new() { [Batch] = NetworkPricer.Price(architecture, new(10, ImageSize), Batch) };
        random = new Random(1);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        network?.Dispose();
        optimizer?.Dispose();
        augmentation?.Dispose();
        pixels?.Dispose();
        labels?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public void Step() => step.Run(pixels, labels, random, learningRate: 0).Dispose();

    [Benchmark]
    public ComputeLedger Ledger() => ledger = ledger.WithStep(costs[Batch]);
}
