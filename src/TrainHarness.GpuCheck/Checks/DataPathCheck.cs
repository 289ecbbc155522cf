using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>
/// Batches are what the pack holds by whichever way they come to the device while it computes, and how long a forward and a backward pass
/// take with each.
/// </summary>
internal static class DataPathCheck
{
    private const string Name = "data path";
    private const int Rounds = 5;

    public static Check Check { get; } = new(Name, "batches by every way to the device, while it computes", 30, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        using var folder = new ScratchFolder();
        var trial = new ShapesTrial
        {
            Device = request.Device,
            Side = request.IsTiny ? 32 : 128,
            TrainPerClass = request.IsTiny ? 8 : 400,
        };
        using var pack = trial.Pack(folder.Path);
        var device = ComputeDevice.Parse(request.Device);
        using var network = ArchitectureCatalog
            .ByName(request.IsTiny ? "squeezenet1_1" : "resnet18")
            .BuildFrom(InitialWeights.Torchvision, seed: 1, new(trial.Classes, trial.Side), device);
        int[][] batches =
        [
            .. new EpochOrder(seed: 1, pack.Header.TrainCount, request.IsTiny ? 8 : 100).Batches(
                0,
                pack.Header.TrainCount / (request.IsTiny ? 8 : 100)
            ),
        ];
        foreach (var (way, examples) in Ways(pack, device))
        {
            using (examples)
            {
                var (wrong, milliseconds) = Pass(pack, batches, examples, network, device);
                yield return CheckLine.Of(
                    Name,
                    way,
                    wrong == 0,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{wrong} of {batches.Length} batches differ; {milliseconds:F2} ms a batch"
                    ),
                    "0"
                );
            }
        }
    }

    private static IEnumerable<(string Way, IExamples Examples)> Ways(DatasetPack pack, Device device)
    {
        yield return ("resident", new ResidentExamples(pack, device));
        yield return ("streamed, in line with the computation", new StreamedExamples(pack, device, copies: null));
        if (CopyStream.Of(device) is { } copies)
            yield return ("streamed by a copy stream", new StreamedExamples(pack, device, copies));
    }

    /// <returns>Batches that are not what the pack holds, and the median of the rounds' times, divided by the batches of a round.</returns>
    private static (int Wrong, double Milliseconds) Pass(
        DatasetPack pack,
        int[][] batches,
        IExamples examples,
        nn.Module<Tensor, Tensor> network,
        Device device
    )
    {
        var wrong = 0;
        var times = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            using var scope = NewDisposeScope();
            // Of all that the device saw, so that nothing waits for it between two batches.
            var sums = new List<Tensor>();
            var start = Stopwatch.GetTimestamp();
            foreach (var batch in examples.Read(Split.Train, batches))
            {
                using (batch)
                {
                    using var inner = NewDisposeScope();
                    sums.Add(Weighted(batch.Pixels).MoveToOuterDisposeScope());
                    nn.functional.cross_entropy(network.call(batch.Pixels.to(ScalarType.Float32)), batch.Labels).backward();
                }
            }

            ComputeDevice.Synchronize(device);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / batches.Length);
            network.zero_grad(set_to_none: true);
            wrong += sums.Zip(batches)
                .Count(pair =>
                    pair.First.cpu().item<long>() != Weighted(StreamedExamples.Pixels(pack, Split.Train, pair.Second)).item<long>()
                );
        }

        // The first has the kernels chosen.
        return (wrong, times.Skip(1).Order().ElementAt(Rounds / 2));
    }

    // In whole numbers: exact in whatever order a device adds. A pixel that stands elsewhere changes it too.
    private static Tensor Weighted(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        using Scalar start = 0,
            end = pixels.numel(),
            step = 1,
            period = 8191;
        var weights = arange(start, end, step, dtype: ScalarType.Int64, device: pixels.device).remainder(period);
        return pixels.flatten().to(ScalarType.Int64).mul(weights).sum().MoveToOuterDisposeScope();
    }
}
