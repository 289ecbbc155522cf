using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>First values of weights, as torch.nn.init computes them; in place, and not recorded for a backward pass.</summary>
internal static unsafe class InitialisationBindings
{
    private const long FanIn = 0;

    [UnmanagedCallersOnly(EntryPoint = "THSInit_zeros_")]
    public static void Zeros(nint tensor) => Unrecorded(() => Do("aten::zero_"u8, Word(tensor)));

    [UnmanagedCallersOnly(EntryPoint = "THSInit_ones_")]
    public static void Ones(nint tensor) =>
        Unrecorded(() => DoOverload("aten::fill_"u8, "Tensor"u8, Word(tensor), ScalarBindings.Value(ScalarBindings.One)));

    [UnmanagedCallersOnly(EntryPoint = "THSInit_constant_")]
    public static void Constant(nint tensor, nint value) =>
        Unrecorded(() => DoOverload("aten::fill_"u8, "Tensor"u8, Word(tensor), ScalarBindings.Value(value)));

    [UnmanagedCallersOnly(EntryPoint = "THSInit_normal_")]
    public static void Normal(nint tensor, double mean, double deviation) => DrawNormal(tensor, mean, deviation);

    [UnmanagedCallersOnly(EntryPoint = "THSInit_uniform_")]
    public static void Uniform(nint tensor, double low, double high) => DrawUniform(tensor, low, high);

    [UnmanagedCallersOnly(EntryPoint = "THSInit_kaiming_normal_")]
    public static void KaimingNormal(nint tensor, double slope, long mode, long activation)
    {
        if (Fans(tensor) is { } fans)
            DrawNormal(tensor, 0, KaimingDeviation(fans, slope, mode, activation));
    }

    [UnmanagedCallersOnly(EntryPoint = "THSInit_kaiming_uniform_")]
    public static void KaimingUniform(nint tensor, double slope, long mode, long activation)
    {
        if (Fans(tensor) is not { } fans)
            return;
        var bound = Math.Sqrt(3.0) * KaimingDeviation(fans, slope, mode, activation);
        DrawUniform(tensor, -bound, bound);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSInit_xavier_uniform_")]
    public static void XavierUniform(nint tensor, double gain) => DrawXavierUniform(tensor, gain);

    [UnmanagedCallersOnly(EntryPoint = "THSInit_xavier_normal_")]
    public static void XavierNormal(nint tensor, double gain) => DrawXavierNormal(tensor, gain);

    internal static void DrawXavierUniform(nint tensor, double gain)
    {
        if (Fans(tensor) is not { } fans)
            return;
        var bound = Math.Sqrt(3.0) * (gain * Math.Sqrt(2.0 / (fans.In + fans.Out)));
        DrawUniform(tensor, -bound, bound);
    }

    internal static void DrawXavierNormal(nint tensor, double gain)
    {
        if (Fans(tensor) is { } fans)
            DrawNormal(tensor, 0, gain * Math.Sqrt(2.0 / (fans.In + fans.Out)));
    }

    // He et al. 2015, section 2.2; the numbers of activations are TorchSharp's.
    private static double KaimingDeviation((double In, double Out) fans, double slope, long mode, long activation)
    {
        var gain = activation switch
        {
            8 => 5.0 / 3.0, // tanh
            9 => Math.Sqrt(2.0), // ReLU
            10 => Math.Sqrt(2.0 / (1 + (slope * slope))), // leaky ReLU
            _ => 1.0,
        };
        return gain / Math.Sqrt(mode == FanIn ? fans.In : fans.Out);
    }

    private static (double In, double Out)? Fans(nint tensor)
    {
        var sizes = Sizes(tensor);
        if (sizes.Length < 2)
        {
            Fail("init: a weight of at least two dimensions is needed");
            return null;
        }

        var field = 1.0;
        foreach (var size in sizes[2..])
            field *= size;
        return (sizes[1] * field, sizes[0] * field);
    }

    internal static void DrawNormal(nint tensor, double mean, double deviation) =>
        Unrecorded(() => Do("aten::normal_"u8, Word(tensor), Word(mean), Word(deviation), Dispatcher.None));

    internal static void DrawUniform(nint tensor, double low, double high) =>
        Unrecorded(() => Do("aten::uniform_"u8, Word(tensor), Word(low), Word(high), Dispatcher.None));

    internal static void Unrecorded(Action draw)
    {
        var wasOn = LibtorchApi.IsGradientModeOn();
        LibtorchApi.SetGradientMode(0);
        draw();
        LibtorchApi.SetGradientMode(wasOn);
    }
}
