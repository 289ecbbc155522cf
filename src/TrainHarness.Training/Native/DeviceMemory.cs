using TorchSharp;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>Memory of a GPU, in bytes, as the CUDA runtime that libtorch brought says.</summary>
/// <param name="Free">What nobody holds, this process's own reserve of freed tensors included in what is held.</param>
public readonly record struct DeviceMemory(long Free, long Total)
{
    /// <summary>Null for a CPU, and where it cannot be told.</summary>
    public static DeviceMemory? Of(Device device)
    {
        if (device.type != DeviceType.CUDA || CudaRuntime.Loaded is not { } runtime)
            return null;
        try
        {
            runtime.SetDevice(Math.Max(0, device.index));
            var (free, total) = runtime.Memory();
            return new DeviceMemory(free, total);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
