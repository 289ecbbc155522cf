using BenchmarkDotNet.Attributes;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>
/// One epoch of 1,920 examples at 128 px in batches of 64, on a CPU, with nothing computed in between: read ahead by other threads, picked
/// from memory, and read where they are needed. Divided by a step's time it is the most that a step can wait for data.
/// </summary>
public class DataPathBenchmarks : IDisposable
{
    private const int Side = 128;
    private const int Batch = 64;

    private readonly DirectoryInfo cache = Directory.CreateTempSubdirectory("trainharness-benchmark-");
    private DatasetPack pack = null!;
    private StreamedExamples streamed = null!;
    private ResidentExamples resident = null!;
    private int[][] batches = [];

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        set_num_threads(1);
        var shapes = TimedTraining.Dataset with
        {
            Synthetic = new SyntheticDescription
            {
                Seed = 1,
                Classes = 10,
                TrainPerClass = 192,
                ValidationPerClass = 1,
            },
        };
        pack = DatasetPreparation.OpenOrCreate(
            shapes,
            Subset.Everything,
            Side,
            null,
            cache.FullName,
            verify: false,
            progress: null,
            CancellationToken.None
        );
        streamed = new StreamedExamples(pack, CPU);
        resident = new ResidentExamples(pack, CPU);
        batches = [.. new EpochOrder(seed: 1, pack.Header.TrainCount, Batch).Batches(0, pack.Header.TrainCount / Batch)];
    }

    [GlobalCleanup]
    public void Dispose()
    {
        resident?.Dispose();
        streamed?.Dispose();
        pack?.Dispose();
        cache.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public void Streamed() => ReadAll(streamed);

    [Benchmark]
    public void Resident() => ReadAll(resident);

    [Benchmark]
    public void WhereNeeded()
    {
        foreach (var indices in batches)
        {
            using var pixels = StreamedExamples.Pixels(pack, Split.Train, indices);
            using var labels = tensor(Array.ConvertAll(indices, index => (long)pack.Labels(Split.Train)[index]));
        }
    }

    private void ReadAll(IExamples examples)
    {
        foreach (var batch in examples.Read(Split.Train, batches))
            batch.Dispose();
    }
}
