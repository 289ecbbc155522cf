using BenchmarkDotNet.Attributes;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Benchmarks;

/// <summary>
/// One update of as many parameters as ResNet-18 has, small ones, where calls are what is paid for, and larger ones: by the native path,
/// and one after the other. SgdFlat has all of them in one buffer, as if weights and gradients had been laid so at no
/// cost: the most that flat buffers could save.
/// </summary>
public class OptimizerBenchmarks : IDisposable
{
    private const int Parameters = 62;

    private readonly List<IDisposable> held = [];
    private MomentumSgd sgd = null!;
    private MomentumSgd sgdOneByOne = null!;
    private MomentumSgd sgdFlat = null!;
    private IOptimizer adamW = null!;
    private DecoupledAdam adamWOneByOne = null!;
    private WeightAverage average = null!;
    private Parameter[] weights = [];
    private Tensor[] averages = [];

    [Params(64, 100_000)]
    public int Elements { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        TorchLibrary.Load();
        set_num_threads(1);
        SgdRule sgdRule = new()
        {
            Momentum = 0.9,
            Nesterov = false,
            WeightDecay = 1e-4,
        };
        AdamWRule adamWRule = new()
        {
            Beta1 = 0.9,
            Beta2 = 0.999,
            Epsilon = 1e-8,
            WeightDecay = 0.05,
        };
        sgd = Hold(new MomentumSgd(Fresh(), sgdRule, useFused: true));
        sgdOneByOne = Hold(new MomentumSgd(Fresh(), sgdRule, useFused: false));
        sgdFlat = Hold(new MomentumSgd(Fresh(1, Parameters * Elements), sgdRule, useFused: true));
        adamW = Hold(Optimizer.For(adamWRule, Fresh()));
        adamWOneByOne = Hold(new DecoupledAdam(Fresh(), adamWRule, useFused: false));
        weights = Fresh();
        averages = [.. weights.Select(weight => weight.detach().clone())];
        average = Hold(new WeightAverage(nn.ParameterList(weights), 0.99));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        held.ForEach(thing => thing.Dispose());
        held.Clear();
        GC.SuppressFinalize(this);
    }

    // A rate of zero: the same gradient for millions of updates must not drive the weights to where arithmetic is slow.
    [Benchmark]
    public void Sgd() => sgd.Update(0);

    [Benchmark]
    public void SgdOneByOne() => sgdOneByOne.Update(0);

    [Benchmark]
    public void SgdFlat() => sgdFlat.Update(0);

    [Benchmark]
    public void AdamW() => adamW.Update(0);

    [Benchmark]
    public void AdamWOneByOne() => adamWOneByOne.Update(0);

    [Benchmark]
    public void Average() => average.Update();

    [Benchmark]
    public void AverageOneByOne()
    {
        using var noGradient = no_grad();
        for (var index = 0; index < Parameters; index++)
            averages[index].lerp_(weights[index], 0.01);
    }

    private Parameter[] Fresh() => Fresh(Parameters, Elements);

    private Parameter[] Fresh(int count, int elements)
    {
        Parameter[] parameters = [.. Enumerable.Range(0, count).Select(_ => Hold(new Parameter(randn(elements))))];
        foreach (var parameter in parameters)
            parameter.grad = Hold(randn(elements));
        return parameters;
    }

    private T Hold<T>(T thing)
        where T : IDisposable
    {
        held.Add(thing);
        return thing;
    }
}
