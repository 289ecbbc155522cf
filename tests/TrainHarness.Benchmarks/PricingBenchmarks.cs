using BenchmarkDotNet.Attributes;
using TrainHarness.Compute;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Benchmarks;

/// <summary>Counting the multiply-adds of a training step, the building of the network included.</summary>
public class PricingBenchmarks
{
    [Params("alexnet", "resnet18", "squeezenet1_1", "shufflenet_v2_x1_0")]
    public string Architecture { get; set; } = "";

    [GlobalSetup]
    public static void Setup() => TorchLibrary.Load();

    [Benchmark]
    public NetworkCost At224() => ImagePricer.Price(ArchitectureCatalog.ByName(Architecture), new(1000, 224), batch: 128);
}
