using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;
using TrainHarness.Training.Workloads.LanguageModelling.Data;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>Measures a network on windows of the validation text that lie side by side, the same every time.</summary>
internal sealed class LanguageEvaluator(LanguageModel network, TextPack pack, LanguageSettings settings, Device device)
    : IForeseeableEvaluator
{
    private const int BatchSize = 64;

    private readonly int[] places = [.. PlacesOf(pack.Validation.Length, settings)];

    public IReadOnlyList<Metric> Metrics { get; } = LanguageMetrics.Of(settings, pack);

    /// <summary>One forward pass for every window.</summary>
    public Macs Price { get; } = PerWindow(network, settings.Context, device) * PlacesOf(pack.Validation.Length, settings).Count();

    /// <summary>Where the windows begin: all that fit side by side, or some of these, spread evenly.</summary>
    /// <param name="units">Of the validation text.</param>
    public static IEnumerable<int> PlacesOf(int units, LanguageSettings settings)
    {
        var all = WindowsIn(units, settings.Context);
        var wanted = Math.Min(settings.ValidationWindows ?? all, all);
        return Enumerable.Range(0, wanted).Select(number => (int)((long)number * all / wanted) * settings.Context);
    }

    /// <summary>Windows side by side, behind each of which one unit more must come.</summary>
    public static int WindowsIn(int units, int context) => Math.Max(0, (units - 1) / context);

    public EvaluationResult Evaluate()
    {
        using var noGradient = no_grad();
        network.eval();
        // On the device, so that nobody waits for it before the last batch.
        using var sum = zeros(1, dtype: ScalarType.Float64, device: device);
        foreach (var batch in places.Chunk(BatchSize))
        {
            using var scope = NewDisposeScope();
            using var windows = WindowBatch.Of(pack.Validation, batch, settings.Context, device);
            sum.PlusInPlace(Sum(windows));
        }

        network.train();
        using var onHost = sum.cpu();
        var loss = onHost.item<double>() / ((long)places.Length * settings.Context);
        var bits = LanguageMetrics.BitsOf(loss, pack);
        return new EvaluationResult(loss, new Dictionary<string, double> { [LanguageMetrics.BitsPerByte] = bits }, Price);
    }

    public double Rehearse()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        network.eval();
        var some = places.Take(BatchSize).ToArray();
        using var windows = WindowBatch.Of(pack.Validation, some, settings.Context, device);
        Sum(windows);
        network.train();
        return (double)some.Length / places.Length;
    }

    private Tensor Sum(WindowBatch windows) =>
        LanguageObjective.Loss(network.call(windows.Units), windows.Wanted, nn.Reduction.Sum).to_type(ScalarType.Float64);

    private static Macs PerWindow(LanguageModel network, int context, Device device)
    {
        using var window = zeros(1, context, dtype: ScalarType.Int64, device: device);
        network.eval();
        var cost = NetworkPricer.PriceForward(network, window);
        network.train();
        return cost.Forward;
    }
}
