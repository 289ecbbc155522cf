using TrainHarness.Training.Native;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification;

public sealed class ExamplesTests : IDisposable
{
    private readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    [Theory]
    [InlineData("streamed")]
    [InlineData("resident")]
    public void Every_batch_brings_the_pixels_and_labels_that_the_pack_holds_in_the_order_that_was_asked_for(string dataPath)
    {
        using var pack = Trials.Pack(cache);
        using var examples = Of(dataPath, pack);
        Assert.Equal(dataPath, examples.DataPath);
        // More batches than are read ahead, of different sizes.
        int[][] wanted =
        [
            [5, 60],
            [1],
            [2, 3, 4],
            [71, 0],
            [9, 9],
            [10, 20, 30, 40],
            [6],
            [7, 8],
        ];
        foreach (var (indices, batch) in wanted.Zip(examples.Read(Split.Train, wanted)))
        {
            using (batch)
            {
                Assert.Equal([indices.Length, 3, Trials.Side, Trials.Side], batch.Pixels.shape);
                var stored = new byte[batch.Pixels.numel()];
                pack.Copy(Split.Train, indices, stored);
                Assert.Equal(stored, batch.Pixels.data<byte>().ToArray());
                // 24 examples of each class, one class after the other.
                Assert.Equal(indices.Select(index => index / 24L), batch.Labels.data<long>().ToArray());
            }
        }
    }

    [Theory]
    [InlineData("streamed")]
    [InlineData("resident")]
    public void Both_splits_are_read_to_their_end(string dataPath)
    {
        using var pack = Trials.Pack(cache);
        using var examples = Of(dataPath, pack);
        foreach (var (split, count) in ((Split, int)[])[(Split.Train, 72), (Split.Validation, 21)])
        {
            var labels = new List<long>();
            foreach (var batch in examples.Read(split, Enumerable.Range(0, count).Chunk(8)))
            {
                using (batch)
                    labels.AddRange(batch.Labels.data<long>().ToArray());
            }

            Assert.Equal(pack.Labels(split).ToArray().Select(label => (long)label), labels);
        }
    }

    [Fact]
    public void A_reader_that_stops_early_leaves_nothing_behind()
    {
        using var pack = Trials.Pack(cache);
        using var examples = new StreamedExamples(pack, CPU);
        First(examples);
        // What other tests have left goes now, and what goes later makes it fewer.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        for (var round = 0; round < 20; round++)
            First(examples);
        Assert.InRange(Tensor.TotalCount, 0, before);
    }

    [Fact]
    public void What_a_reading_thread_meets_reaches_the_caller()
    {
        using var pack = Trials.Pack(cache);
        using var examples = new StreamedExamples(pack, CPU);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Count(
                examples.Read(
                    Split.Train,
                    [
                        [0],
                        [72],
                    ]
                )
            )
        );
    }

    [Fact]
    public void Batches_that_were_read_ahead_of_one_that_failed_are_disposed_of()
    {
        using var pack = Trials.Pack(cache);
        using var examples = new StreamedExamples(pack, CPU);
        First(examples);
        // What other tests have left goes now, and what goes later makes it fewer.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        for (var round = 0; round < 20; round++)
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                examples
                    .Read(
                        Split.Train,
                        [
                            [72],
                            [72],
                            [0],
                            [1],
                            [2],
                            [3],
                        ]
                    )
                    .Count()
            );
        Assert.InRange(Tensor.TotalCount, 0, before);
    }

    [Fact]
    public void No_more_than_a_few_batches_are_read_ahead()
    {
        using var pack = Trials.Pack(cache);
        using var examples = new StreamedExamples(pack, CPU);
        var asked = 0;
        IEnumerable<int[]> Wanted()
        {
            for (; ; asked++)
                yield return [0];
        }

        using var reading = examples.Read(Split.Train, Wanted()).GetEnumerator();
        for (var step = 1; step <= 10; step++)
        {
            Assert.True(reading.MoveNext());
            reading.Current.Dispose();
            Assert.Equal(step + 3, asked);
        }
    }

    [Fact]
    public void On_a_cpu_the_pack_is_streamed_and_a_gpu_that_is_not_there_has_no_memory()
    {
        using var pack = Trials.Pack(cache);
        using var examples = IExamples.Of(pack, CPU);
        Assert.Equal("streamed", examples.DataPath);
        Assert.Null(DeviceMemory.Of(CPU));
    }

    [Fact]
    public void A_pack_takes_its_pixels_and_eight_bytes_for_each_label()
    {
        using var pack = Trials.Pack(cache);
        Assert.Equal((72 + 21) * ((3 * 32 * 32) + 8), ResidentExamples.Bytes(pack));
    }

    private static int Count(IEnumerable<ImageBatch> batches)
    {
        var count = 0;
        foreach (var batch in batches)
        {
            using (batch)
                count += batch.Shape.Examples;
        }

        return count;
    }

    private static void First(StreamedExamples examples)
    {
        using var reading = examples.Read(Split.Train, Enumerable.Range(0, 72).Chunk(8)).GetEnumerator();
        Assert.True(reading.MoveNext());
        reading.Current.Dispose();
    }

    private static IExamples Of(string dataPath, DatasetPack pack) =>
        dataPath == "resident" ? new ResidentExamples(pack, CPU) : new StreamedExamples(pack, CPU);
}
