using BenchmarkDotNet.Attributes;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

namespace TrainHarness.Benchmarks;

/// <summary>
/// From a folder of JPEGs to a pack on disk, checksums and flush included: 200 drawn images of 500 × 375 pixels, on all cores.
/// </summary>
public class PackingBenchmarks
{
    private const int Images = 200;

    private string folder = "";
    private string pack = "";
    private PackPlan plan = null!;

    [Params(64, 224)]
    public int Side { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        folder = Directory.CreateTempSubdirectory("packing-").FullName;
        pack = Path.Combine(folder, "packed", "images.pack");
        var image = DecodingBenchmarks.Drawn();
        foreach (var (split, count) in new[] { ("train", Images * 9 / 10), ("val", Images / 10) })
        {
            var images = Directory.CreateDirectory(Path.Combine(folder, "images", split, "drawn")).FullName;
            for (var index = 0; index < count; index++)
                File.WriteAllBytes(Path.Combine(images, $"{index:D3}.jpg"), image);
        }

        var source = ImageSources.Open(Path.Combine(folder, "images"));
        plan = PackPlan.For(source, "drawn", folder, Subset.Everything, Side);
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(folder, recursive: true);

    [Benchmark(OperationsPerInvoke = Images)]
    public int Pack() => new PackWriter(plan, allowUnreadable: 0, progress: null, CancellationToken.None).Write(pack).Count;
}
