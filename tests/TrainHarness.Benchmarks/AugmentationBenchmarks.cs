using BenchmarkDotNet.Attributes;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>Random resized crop and flip of a batch of 64 on the CPU.</summary>
public class AugmentationBenchmarks : IDisposable
{
    private Augmentation augmentation = null!;
    private Tensor pixels = null!;

    [Params(64, 128, 224)]
    public int ImageSize { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        var dataset = new DatasetDescription
        {
            Name = "noise",
            Kind = DatasetKind.Synthetic,
            Path = null,
            Mean = [0.5, 0.5, 0.5],
            StandardDeviation = [0.25, 0.25, 0.25],
            Synthetic = null,
        };
        augmentation = new Augmentation(
            new AugmentationRule
            {
                CropScale = [0.25, 1],
                CropRatio = [0.75, 4 / 3.0],
                Flip = 0.5,
            },
            dataset,
            CPU
        );
        pixels = randint(0, 256, [64, 3, ImageSize * 8 / 7, ImageSize * 8 / 7], dtype: ScalarType.Byte);
    }

    [Benchmark(OperationsPerInvoke = 64)]
    public void PerExample()
    {
        using var examples = augmentation.ForTraining(pixels, ImageSize, Seeds.Generator(1, "benchmark"));
    }

    public void Dispose()
    {
        augmentation?.Dispose();
        pixels?.Dispose();
        GC.SuppressFinalize(this);
    }
}
