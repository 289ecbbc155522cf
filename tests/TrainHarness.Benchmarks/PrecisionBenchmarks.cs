using BenchmarkDotNet.Attributes;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>One training step of ResNet-18 on a CPU, batch 32 at 64 px, with each precision and memory format.</summary>
public class PrecisionBenchmarks : IDisposable
{
    private const int Batch = 32;
    private const int ImageSize = 64;

    private nn.Module<Tensor, Tensor> network = null!;
    private IOptimizer optimizer = null!;
    private Augmentation augmentation = null!;
    private TrainingStep step = null!;
    private Tensor examples = null!;
    private Tensor labels = null!;

    [Params(Precision.Fp32, Precision.Bf16)]
    public Precision Precision { get; set; }

    [Params(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)]
    public MemoryFormat MemoryFormat { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        var recipe = TimedTraining.Recipe with { Precision = Precision, MemoryFormat = MemoryFormat };
        network = TrainedNetwork.Build(Architecture.ResNet18, new Entry("resnet18.benchmark", "resnet18", recipe, null), seed: 1, 10, ImageSize, CPU);
        optimizer = Optimizer.For(recipe.Optimizer, network.parameters());
        augmentation = new Augmentation(recipe.Augmentation, TimedTraining.Dataset, CPU);
        step = new TrainingStep(network, optimizer, average: null, augmentation, recipe, ImageSize);
        examples = randn(Batch, 3, ImageSize, ImageSize);
        labels = zeros(Batch, dtype: ScalarType.Int64);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        network?.Dispose();
        optimizer?.Dispose();
        augmentation?.Dispose();
        examples?.Dispose();
        labels?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Step() => step.Update(examples, labels, learningRate: 0).Dispose();
}
