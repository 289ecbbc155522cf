using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native.Kernels;

/// <summary>Libraries that convolve for libtorch and that its context can be told to leave alone, forward and backward.</summary>
internal static class ContextSwitch
{
    public const string Nnpack = "_ZN2at7Context20setUserEnabledNNPACKEb";
    public const string OneDnn = "_ZN2at7Context20setUserEnabledMkldnnEb";

    private const string Context = "_ZN2at13globalContextEv";

    /// <param name="torchCpu">libtorch_cpu, which has the switches for C++ alone.</param>
    /// <param name="symbol">One of the above.</param>
    /// <returns>False where the library has it by another name, such as on Windows; nothing is done then.</returns>
    public static unsafe bool TurnOff(nint torchCpu, string symbol)
    {
        if (!NativeLibrary.TryGetExport(torchCpu, Context, out var context) || !NativeLibrary.TryGetExport(torchCpu, symbol, out var set))
            return false;
        ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), 0);
        return true;
    }
}
