using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>The examples of a pack, brought to the device batch by batch as they are stored.</summary>
public interface IExamples : IDisposable
{
    /// <summary><c>resident</c> or <c>streamed</c>, as in record.json.</summary>
    string DataPath { get; }

    /// <summary>The way past TorchSharp's own bindings that batches take; null where they take none.</summary>
    NativePath? NativePath { get; }

    /// <summary>The named examples, in order. May read ahead of the caller, who disposes every batch.</summary>
    /// <param name="batches">Positions within the split, a batch each; taken from the caller's thread.</param>
    IEnumerable<ImageBatch> Read(Split split, IEnumerable<int[]> batches);

    /// <summary>
    /// On a GPU whose free memory is known and holds the pack twice, all of it is copied there once; otherwise it is streamed.
    /// </summary>
    /// <param name="pack">Must outlive the examples.</param>
    static IExamples Of(DatasetPack pack, Device device) =>
        DeviceMemory.Of(device) is { } memory && memory.Free / 2 >= ResidentExamples.Bytes(pack)
            ? new ResidentExamples(pack, device)
            : new StreamedExamples(pack, device);
}
