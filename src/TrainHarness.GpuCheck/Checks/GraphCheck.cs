using System.Diagnostics;
using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.GpuCheck.Comparison;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>
/// Whether a whole training step can be recorded as a CUDA graph and replayed, whether it then computes the same, and what it gains.
/// </summary>
internal static class GraphCheck
{
    private const string Name = "CUDA graph";
    private const int Replays = 7;
    private const int TimedSteps = 50;
    private const double Rate = 0.01;

    // The same kernels in the same order; only what adds in any order may differ.
    private const double Tolerance = 1e-4;

    public static Check Check { get; } = new(Name, "a whole step, recorded and replayed", 60, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        TorchLibrary.Load();
        var device = ComputeDevice.Parse(request.Device);
        (string Architecture, int ImageSize, int Batch)[] cases = [("resnet18", 64, 32), ("resnet18", 96, 128), ("mobilenet_v2", 96, 128)];
        foreach (var (architecture, imageSize, batch) in cases)
        {
            var subject = string.Create(
                CultureInfo.InvariantCulture,
                $"{architecture}, batch {batch}, {imageSize} px, bf16, channels-last"
            );
            if (device.type != TorchSharp.DeviceType.CUDA || !CudaGraph.IsAvailable)
                yield return CheckLine.NotRun(
                    Name,
                    subject,
                    request.IsTiny ? "no CUDA device" : $"libtorch lacks {string.Join(", ", CudaGraph.Missing)}"
                );
            else
                yield return Compare(subject, device, architecture, imageSize, batch);
        }
    }

    private static CheckLine Compare(string subject, Device device, string architecture, int imageSize, int batch)
    {
        using var eager = new Steps(device, architecture, imageSize, batch);
        for (var step = 0; step < CudaGraph.TimesDoneBefore + Replays; step++)
            eager.Once(Rate).Dispose();
        using var replayed = new Steps(device, architecture, imageSize, batch);
        var losses = new List<Tensor>();
        // Every loss stays: a replay writes to where the recorded one lies.
        using var graph = CudaGraph.Record(device, () => losses.Add(replayed.Once(Rate)));
        for (var step = 0; step < Replays; step++)
            graph.Replay();
        var apart = replayed.From(eager);
        var eagerSeconds = Time(device, () => eager.Once(0).Dispose());
        var replaySeconds = Time(device, graph.Replay);
        losses.ForEach(loss => loss.Dispose());
        var line = CheckLine.Of(
            Name,
            subject,
            apart <= Tolerance,
            string.Create(
                CultureInfo.InvariantCulture,
                $"weights {apart:E1} apart after {CudaGraph.TimesDoneBefore + Replays} updates; {eagerSeconds * 1000:F2} ms step by "
                    + $"step, {replaySeconds * 1000:F2} ms replayed: {eagerSeconds / replaySeconds:F2} ×"
            ),
            string.Create(CultureInfo.InvariantCulture, $"{Tolerance:E0} apart")
        );
        return line with
        {
            Values = new Dictionary<string, double> { ["eagerSeconds"] = eagerSeconds, ["replaySeconds"] = replaySeconds },
        };
    }

    private static double Time(Device device, Action step)
    {
        step();
        ComputeDevice.Synchronize(device);
        var start = Stopwatch.GetTimestamp();
        for (var index = 0; index < TimedSteps; index++)
            step();
        ComputeDevice.Synchronize(device);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / TimedSteps;
    }

    /// <summary>A network and a batch on the device; two of the same sizes start alike.</summary>
    private sealed class Steps : IDisposable
    {
        private readonly nn.Module<Tensor, Tensor> network;
        private readonly MomentumSgd optimizer;
        private readonly TrainingStep step;
        private readonly ImageBatch work;

        // Nothing of it is used: the examples are augmented already.
        private readonly Random draws = new(1);

        public Steps(Device device, string architecture, int imageSize, int batch)
        {
            const int classes = 100;
            var recipe = TimedTraining.Recipe with
            {
                Precision = Precision.Bf16,
                MemoryFormat = MemoryFormat.ChannelsLast,
                BatchSize = batch,
            };
            ComputeDevice.Set(Math.Min(8, Environment.ProcessorCount), recipe.Precision, deterministic: true);
            var entry = new Entry($"{architecture}.graph", architecture, recipe, null);
            network = TrainedNetwork.Build(ArchitectureCatalog.ByName(architecture), entry, seed: 1, classes, imageSize, device);
            foreach (var dropout in network.modules().Where(module => module is TorchSharp.Modules.Dropout))
                dropout.eval();
            optimizer = new MomentumSgd(network.parameters(), (SgdRule)recipe.Optimizer, useFused: true);
            step = new TrainingStep(network, new ExamplesObjective(network, recipe), optimizer, average: null, recipe.GradientClip);
            random.manual_seed(1);
            using var host = randn(batch, 3, imageSize, imageSize);
            work = new ImageBatch(host.to(device), BatchLabels.InTurn(batch, classes, device));
        }

        public Tensor Once(double rate) => step.Run(work, draws, rate);

        /// <summary>The distance of the weights, relative to their length.</summary>
        public double From(Steps other)
        {
            using var noGradient = no_grad();
            var (squares, length) = (0.0, 0.0);
            foreach (var (own, theirs) in network.parameters().Zip(other.network.parameters()))
            {
                using var scope = NewDisposeScope();
                squares += (own - theirs).square().sum().item<float>();
                length += theirs.square().sum().item<float>();
            }

            return Math.Sqrt(squares / length);
        }

        public void Dispose()
        {
            network.Dispose();
            optimizer.Dispose();
            work.Dispose();
        }
    }
}
