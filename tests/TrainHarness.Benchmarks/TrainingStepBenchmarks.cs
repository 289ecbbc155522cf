using BenchmarkDotNet.Attributes;
using TrainHarness.Compute;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>
/// One training step on a CPU, batch 32 at 64 px: augment, forward, loss, backward, fused SGD; and what the compute ledger adds to it. The
/// ratio of the ledger is its share of a step; it is to stay under 0.005.
/// </summary>
public class TrainingStepBenchmarks : IDisposable
{
    private static readonly int Batch = TimedTraining.Recipe.BatchSize;
    private const int ImageSize = 64;

    private nn.Module<Tensor, Tensor> network = null!;
    private IOptimizer optimizer = null!;
    private Augmentation augmentation = null!;
    private TrainingStep step = null!;
    private ImageBatch batch = null!;
    private Dictionary<BatchShape, NetworkCost> costs = [];
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
        optimizer = Optimizer.For(TimedTraining.Recipe.Optimizer, network.parameters());
        augmentation = new Augmentation(TimedTraining.Recipe.Augmentation!, TimedTraining.Dataset, CPU);
        step = new TrainingStep(
            network,
            new ImageObjective(network, augmentation, TimedTraining.Recipe, ImageSize),
            optimizer,
            average: null,
            TimedTraining.Recipe.GradientClip
        );
        batch = new ImageBatch(
            randint(0, 256, [Batch, 3, ImageSize, ImageSize], dtype: ScalarType.Byte),
            zeros(Batch, dtype: ScalarType.Int64)
        );
        costs = new() { [batch.Shape] = ImagePricer.Price(architecture, new(10, ImageSize), Batch) };
        random = new Random(1);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        network?.Dispose();
        optimizer?.Dispose();
        augmentation?.Dispose();
        batch?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public void Step() => step.Run(batch, random, learningRate: 0).Dispose();

    [Benchmark]
    public ComputeLedger Ledger() => ledger = ledger.WithStep(costs[batch.Shape]);
}
