using TrainHarness.Training.Native;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Native;

/// <summary>On a simulated CUDA runtime: that everybody waits for whom they must, and nobody else.</summary>
public sealed class CopyStreamTests : IDisposable
{
    private static readonly int[][] Wanted = [.. Enumerable.Range(0, 72).Chunk(5)];

    private readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    [Fact]
    public void Batches_arrive_whole_and_in_order_though_each_copy_is_done_as_late_as_it_may()
    {
        using var pack = Trials.Pack(cache);
        using var cuda = new SimulatedCuda();
        using (var examples = new StreamedExamples(pack, CPU, new CopyStream(cuda.Runtime, CPU)))
        {
            Assert.Equal("copy-stream", examples.NativePath?.Name);
            foreach (var (indices, batch) in Wanted.Zip(examples.Read(Split.Train, Wanted)))
            {
                using (batch)
                    AssertHolds(pack, indices, batch);
            }
        }

        Assert.Equal(2 * Wanted.Length, cuda.Copies);
        Assert.True(cuda.CopiesWait);
        Assert.Equal(0, cuda.Left);
    }

    [Fact]
    public void One_batch_is_on_its_way_while_the_caller_has_the_one_before()
    {
        using var pack = Trials.Pack(cache);
        using var cuda = new SimulatedCuda();
        using var examples = new StreamedExamples(pack, CPU, new CopyStream(cuda.Runtime, CPU));
        foreach (var batch in examples.Read(Split.Train, Wanted))
            batch.Dispose();

        // Pixels and labels of a batch and of the next; none follow the last.
        Assert.Equal(Wanted.Length * 2, cuda.Travelling.Count);
        Assert.All(cuda.Travelling[..^2].Chunk(2), waiting => Assert.Equal([4, 3], waiting));
        Assert.Equal([2, 1], cuda.Travelling[^2..]);
    }

    [Fact]
    public void Pinned_memory_is_kept_until_a_device_that_is_far_behind_has_copied_it()
    {
        using var pack = Trials.Pack(cache);
        using var cuda = new SimulatedCuda { IsSlow = true };
        var before = Tensors();
        List<ImageBatch> batches;
        using (var examples = new StreamedExamples(pack, CPU, new CopyStream(cuda.Runtime, CPU)))
            batches = [.. examples.Read(Split.Train, Wanted)];
        foreach (var (indices, batch) in Wanted.Zip(batches))
        {
            using (batch)
                AssertHolds(pack, indices, batch);
        }

        Assert.Equal(before, Tensors());
        Assert.Equal(0, cuda.Left);
    }

    [Fact]
    public void A_reader_that_stops_early_leaves_nothing_behind()
    {
        using var pack = Trials.Pack(cache);
        using var cuda = new SimulatedCuda();
        var before = Tensors();
        using (var examples = new StreamedExamples(pack, CPU, new CopyStream(cuda.Runtime, CPU)))
        {
            using var reading = examples.Read(Split.Train, Wanted).GetEnumerator();
            Assert.True(reading.MoveNext());
            reading.Current.Dispose();
        }

        Assert.Equal(before, Tensors());
        Assert.Equal(0, cuda.Left);
    }

    [Fact]
    public void What_the_runtime_refuses_is_said_in_its_words()
    {
        using var pack = Trials.Pack(cache);
        using var cuda = new SimulatedCuda { RefusesCopies = true };
        var before = Tensors();
        using var examples = new StreamedExamples(pack, CPU, new CopyStream(cuda.Runtime, CPU));
        Assert.Equal(
            "cudaMemcpyAsync: an illegal memory access was encountered",
            Assert.Throws<InvalidOperationException>(() => examples.Read(Split.Train, Wanted).First()).Message
        );
        Assert.Equal(before, Tensors());
    }

    [Fact]
    public void On_a_cpu_there_is_none() => Assert.Null(CopyStream.Of(CPU));

    // Those of other tests that nobody disposed of go before they are counted.
    private static long Tensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    private static void AssertHolds(DatasetPack pack, int[] indices, ImageBatch batch)
    {
        var stored = new byte[batch.Pixels.numel()];
        pack.Copy(Split.Train, indices, stored);
        Assert.Equal(stored, batch.Pixels.data<byte>().ToArray());
        Assert.Equal(indices.Select(index => index / 24L), batch.Labels.data<long>().ToArray());
    }
}
