using BenchmarkDotNet.Attributes;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>
/// A training step of MobileNetV2 (158 parameters) on one thread, batch 4 at 32 px, with each native path of its update, and with what
/// TorchSharp offers in its place.
/// </summary>
public class NativePathBenchmarks : IDisposable
{
    private const int Batch = 4;
    private const int ImageSize = 32;

    private static readonly SgdRule Sgd = new()
    {
        Momentum = 0.9,
        Nesterov = false,
        WeightDecay = 1e-4,
    };
    private static readonly AdamWRule AdamW = new()
    {
        Beta1 = 0.9,
        Beta2 = 0.999,
        Epsilon = 1e-8,
        WeightDecay = 0.05,
    };

    private readonly List<IDisposable> held = [];
    private nn.Module<Tensor, Tensor> network = null!;
    private Parameter[] parameters = [];
    private Tensor examples = null!;
    private Tensor labels = null!;
    private Action on = null!;
    private Action off = null!;

    [Params("fused-sgd", "fused-adamw", "foreach-average", "foreach-clip")]
    public string Path { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        set_num_threads(1);
        network = Hold(ArchitectureCatalog.ByName("mobilenet_v2").BuildFrom(InitialWeights.Torchvision, seed: 1, new(10, ImageSize), CPU));
        parameters = [.. network.parameters()];
        examples = Hold(randn(Batch, 3, ImageSize, ImageSize));
        labels = Hold(zeros(Batch, dtype: ScalarType.Int64));
        (on, off) = Path switch
        {
            "fused-sgd" => (
                Update(new MomentumSgd(parameters, Sgd, useFused: true)),
                Update(new MomentumSgd(parameters, Sgd, useFused: false))
            ),
            "fused-adamw" => (
                Update(new DecoupledAdam(parameters, AdamW, useFused: true)),
                Update(new DecoupledAdam(parameters, AdamW, useFused: false))
            ),
            "foreach-average" => (Hold(new WeightAverage(network, 0.999)).Update, AverageOneByOne()),
            _ => (() => GradientClip.Apply(parameters, 1), () => nn.utils.clip_grad_norm_(parameters, 1)),
        };
    }

    [GlobalCleanup]
    public void Dispose()
    {
        held.ForEach(thing => thing.Dispose());
        held.Clear();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public void On() => Step(on);

    [Benchmark]
    public void Off() => Step(off);

    private void Step(Action update)
    {
        using var scope = NewDisposeScope();
        var loss = nn.functional.cross_entropy(network.call(examples), labels);
        network.zero_grad(set_to_none: true);
        loss.backward();
        update();
    }

    // A rate of zero: thousands of steps on one batch must not drive the weights to where arithmetic is slow.
    private Action Update(IOptimizer optimizer)
    {
        Hold(optimizer);
        return () => optimizer.Update(0);
    }

    private Action AverageOneByOne()
    {
        Tensor[] averages = [.. parameters.Select(parameter => Hold(parameter.detach().clone()))];
        return () =>
        {
            using var noGradient = no_grad();
            for (var index = 0; index < averages.Length; index++)
                averages[index].lerp_(parameters[index], 0.001);
        };
    }

    private T Hold<T>(T thing)
        where T : IDisposable
    {
        held.Add(thing);
        return thing;
    }
}
