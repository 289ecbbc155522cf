using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using TrainHarness.Training.Tests.Checkpoints;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Cuda;

/// <summary>What can only be seen on a GPU. scripts/gpu-check looks at more, and for longer.</summary>
public sealed class CudaTests : IDisposable
{
    private static readonly Device Gpu = new(DeviceType.CUDA, 0);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [CudaFact]
    public void Loss_and_gradients_of_four_architectures_are_those_of_the_cpu()
    {
        foreach (var architecture in (string[])["alexnet", "resnet18", "mobilenet_v2", "vit_b_16"])
        {
            var (loss, gradient) = FirstStep(architecture, CPU);
            var (found, gradientFound) = FirstStep(architecture, Gpu);
            Assert.Equal(loss, found, 1e-4 * loss);
            Assert.Equal(gradient, gradientFound, 1e-2 * gradient);
        }
    }

    [CudaFact]
    public void A_trial_that_is_stopped_on_a_gpu_ends_as_one_that_never_was_dropout_and_all()
    {
        foreach (var architecture in (string[])["squeezenet1_1", "shufflenet_v2_x1_0"])
        {
            var plan = Trials.Plan(threshold: null, architecture: architecture) with { Device = Gpu };
            plan = plan with { Study = plan.Study with { Deterministic = true } };
            using var pack = Trials.Pack(folder);
            var undisturbed = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, TestContext.Current.CancellationToken);
            var trial = new Interruption(plan, pack, folder[architecture]);
            Assert.Null(trial.Run(steps: 7));
            cuda.manual_seed_all(99);
            Assert.Equal(Interruption.Shown(undisturbed), Interruption.Shown(trial.Finish()));
        }
    }

    [CudaFact]
    public void The_generators_state_brings_its_numbers_back()
    {
        using var scope = NewDisposeScope();
        using var before = CudaGenerator.State(0);
        var first = rand(100, device: Gpu).cpu();
        CudaGenerator.Restore(0, before);
        Assert.Equal(first.data<float>().ToArray(), rand(100, device: Gpu).cpu().data<float>().ToArray());
    }

    [CudaFact]
    public void Streamed_batches_are_the_resident_ones()
    {
        using var pack = Trials.Pack(folder);
        using var streamed = new StreamedExamples(pack, Gpu);
        using var resident = new ResidentExamples(pack, Gpu);
        int[][] wanted = [.. Enumerable.Range(0, 72).Chunk(8)];
        foreach (var (one, other) in streamed.Read(Split.Train, wanted).Zip(resident.Read(Split.Train, wanted)))
        {
            using (one)
            using (other)
            {
                Assert.True(one.Pixels.equal(other.Pixels).cpu().all().item<bool>());
                Assert.True(one.Labels.equal(other.Labels).cpu().all().item<bool>());
            }
        }
    }

    [CudaFact]
    public void Device_memory_does_not_grow_over_500_steps()
    {
        var recipe = Trials.Recipe with { Epochs = 100, Precision = Precision.Bf16, MemoryFormat = MemoryFormat.ChannelsLast };
        var plan = Trials.Plan(threshold: null, recipe: recipe) with { Device = Gpu };
        using var pack = Trials.Pack(folder);
        var watch = new Watch();
        TrainingLoop.Run(plan, ImageTask.On(pack), watch, TestContext.Current.CancellationToken);
        Assert.True(watch.Used.Count > 10);
        Assert.InRange(watch.Used[^1], 0, watch.Used[5] + (2 << 20));
    }

    [Fact]
    public void Without_a_gpu_a_cuda_graph_is_refused_and_not_tried() =>
        Assert.Throws<NotSupportedException>(() => CudaGraph.Record(CPU, () => Assert.Fail("tried")));

    private static (double Loss, double Gradient) FirstStep(string architecture, Device device)
    {
        ComputeDevice.Set(Environment.ProcessorCount, Precision.Fp32, deterministic: true);
        using var scope = NewDisposeScope();
        using var network = ArchitectureCatalog.ByName(architecture).BuildFrom(InitialWeights.Torchvision, seed: 1, new(10, 64), device);
        foreach (var dropout in network.modules().Where(module => module is TorchSharp.Modules.Dropout or DropPath))
            dropout.eval();
        random.manual_seed(1);
        var images = randn(8, 3, 64, 64).to(device);
        var loss = nn.functional.cross_entropy(network.call(images), arange(8, dtype: ScalarType.Int64, device: device));
        loss.backward();
        return (loss.cpu().item<float>(), network.parameters().Sum(parameter => Math.Pow(parameter.grad!.norm().cpu().item<float>(), 2)));
    }

    private sealed class Watch : IProgress<TrainingProgress>
    {
        public List<long> Used { get; } = [];

        public void Report(TrainingProgress value)
        {
            if (DeviceMemory.Of(Gpu) is { } memory)
                Used.Add(memory.Total - memory.Free);
        }
    }
}
