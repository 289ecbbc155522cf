using BenchmarkDotNet.Attributes;
using TrainHarness.Compute;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>One training step of ResNet-18 on a CPU, batch 32 at 64 px, with each precision and memory format.</summary>
public class PrecisionBenchmarks : IDisposable
{
    private const int Batch = 32;
    private const int ImageSize = 64;

    private nn.Module<Tensor, Tensor> network = null!;
    private IOptimizer optimizer = null!;
    private TrainingStep step = null!;
    private ImageBatch batch = null!;

    // Nothing of it is used: the examples are augmented already.
    private readonly Random draws = new(1);

    [Params(Precision.Fp32, Precision.Bf16)]
    public Precision Precision { get; set; }

    [Params(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)]
    public MemoryFormat MemoryFormat { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        var recipe = TimedTraining.Recipe with { Precision = Precision, MemoryFormat = MemoryFormat };
        network = TrainedNetwork.Build(
            Architecture.ResNet18,
            new Entry("resnet18.benchmark", "resnet18", recipe, null),
            seed: 1,
            10,
            ImageSize,
            CPU
        );
        optimizer = Optimizer.For(recipe.Optimizer, network.parameters());
        step = new TrainingStep(network, new ExamplesObjective(network, recipe), optimizer, average: null, recipe.GradientClip);
        batch = new ImageBatch(randn(Batch, 3, ImageSize, ImageSize), zeros(Batch, dtype: ScalarType.Int64));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        network?.Dispose();
        optimizer?.Dispose();
        batch?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Step() => step.Run(batch, draws, learningRate: 0).Dispose();
}
