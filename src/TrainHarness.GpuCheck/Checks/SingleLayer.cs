using System.Globalization;
using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>The forward pass of one layer on a GPU, for Nsight Compute to watch, and what the compute ledger says it costs.</summary>
/// <param name="Name">One word.</param>
/// <param name="IsProduct">A plain product of matrices: no algorithm computes it with fewer multiply-adds than the nominal ones.</param>
/// <param name="Input">Shape, with the batch.</param>
internal sealed record SingleLayer(string Name, Precision Precision, bool IsProduct, long[] Input, Func<nn.Module<Tensor, Tensor>> Build)
{
    /// <summary>The verb by which this program runs one.</summary>
    public const string Verb = "layer";

    public static IReadOnlyList<SingleLayer> All { get; } =
    [
        new("linear-fp32", Precision.Fp32, true, [256, 4096], () => nn.Linear(4096, 4096, hasBias: false)),
        new("convolution-1x1-fp32", Precision.Fp32, true, [32, 256, 32, 32], () => nn.Conv2d(256, 256, 1, bias: false)),
        new("convolution-3x3-fp32", Precision.Fp32, false, [32, 64, 56, 56], () => nn.Conv2d(64, 64, 3, padding: 1, bias: false)),
        new("depthwise-3x3-fp32", Precision.Fp32, false, [32, 256, 56, 56], () =>
            nn.Conv2d(256, 256, 3, padding: 1, groups: 256, bias: false)
        ),
        new("linear-bf16", Precision.Bf16, true, [256, 4096], () => nn.Linear(4096, 4096, hasBias: false)),
        new("convolution-3x3-bf16", Precision.Bf16, false, [32, 64, 56, 56], () => nn.Conv2d(64, 64, 3, padding: 1, bias: false)),
    ];

    /// <summary>Nominal multiply-adds of one forward pass, by the pricer that prices networks.</summary>
    public double ForwardMacs()
    {
        using var layer = nn.Sequential(("layer", Build()));
        using var input = zeros(Input);
        return (double)NetworkPricer.Price(layer, input).Forward.Count;
    }

    /// <summary>Runs it twice; the profiler sees the second time, when kernels are chosen.</summary>
    public static int Serve(string name, string device)
    {
        TorchLibrary.Load();
        var layer = All.Single(layer => layer.Name == name);
        var where = ComputeDevice.Parse(device);
        ComputeDevice.Set(1, layer.Precision, deterministic: true);
        using var noGradient = no_grad();
        var type = layer.Precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using var module = layer.Build();
        module.to(where);
        module.to(type);
        using var host = randn(layer.Input);
        using var there = host.to(where);
        using var input = there.to_type(type);
        module.call(input).Dispose();
        ComputeDevice.Synchronize(where);
        Profiler.Start();
        module.call(input).Dispose();
        ComputeDevice.Synchronize(where);
        Profiler.Stop();
        Console.Out.WriteLine(layer.ForwardMacs().ToString("F0", CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>Tells a profiler that waits for it what to watch.</summary>
    private static unsafe class Profiler
    {
        public static void Start() => Call("cudaProfilerStart");

        public static void Stop() => Call("cudaProfilerStop");

        private static void Call(string symbol)
        {
            if (TorchLibrary.Export("torch_cuda", symbol) is not 0 and var address)
                _ = ((delegate* unmanaged<int>)address)();
        }
    }
}
