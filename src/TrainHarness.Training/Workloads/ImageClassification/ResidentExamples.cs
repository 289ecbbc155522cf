using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>A whole pack in the device's memory: a batch is picked there, and nothing but its indices travels.</summary>
public sealed class ResidentExamples : IExamples
{
    private const int BytesAtATime = 64 << 20;

    private readonly Device device;
    private readonly ImageBatch training;
    private readonly ImageBatch validation;

    /// <summary>Copies the pack to the device.</summary>
    public ResidentExamples(DatasetPack pack, Device device)
    {
        this.device = device;
        training = Copy(pack, Split.Train, pack.Header.TrainCount, device);
        validation = Copy(pack, Split.Validation, pack.Header.ValidationCount, device);
    }

    public string DataPath => "resident";

    public NativePath? NativePath => null;

    /// <summary>What a pack takes on the device.</summary>
    public static long Bytes(DatasetPack pack) =>
        ((long)pack.Header.TrainCount + pack.Header.ValidationCount) * (ExampleBytes(pack) + sizeof(long));

    public IEnumerable<ImageBatch> Read(Split split, IEnumerable<int[]> batches)
    {
        var all = split == Split.Train ? training : validation;
        foreach (var indices in batches)
        {
            using var places = ComputeDevice.Upload(tensor(Array.ConvertAll(indices, index => (long)index)), device);
            yield return new ImageBatch(Kept(all.Pixels.index_select(0, places)), Kept(all.Labels.index_select(0, places)));
        }
    }

    public void Dispose()
    {
        training.Dispose();
        validation.Dispose();
    }

    private static ImageBatch Copy(DatasetPack pack, Split split, int count, Device device)
    {
        using var scope = NewDisposeScope();
        var pixels = empty(count, 3, pack.Header.Side, pack.Header.Side, dtype: ScalarType.Byte, device: device);
        var atATime = (int)Math.Max(1, BytesAtATime / ExampleBytes(pack));
        foreach (var indices in Enumerable.Range(0, count).Chunk(atATime))
        {
            using var inner = NewDisposeScope();
            pixels.narrow(0, indices[0], indices.Length).copy_(StreamedExamples.Pixels(pack, split, indices));
        }

        var labels = tensor(Array.ConvertAll(pack.Labels(split).ToArray(), label => (long)label)).to(device);
        return new ImageBatch(Kept(pixels), Kept(labels));
    }

    private static long ExampleBytes(DatasetPack pack) => 3L * pack.Header.Side * pack.Header.Side;

    private static Tensor Kept(Tensor tensor) => tensor.DetachFromDisposeScope();
}
