using TorchSharp;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>Memory of a GPU, in bytes, as the CUDA runtime that libtorch brought says (<c>cudaMemGetInfo</c>).</summary>
/// <param name="Free">What nobody holds, this process's own reserve of freed tensors included in what is held.</param>
public readonly record struct DeviceMemory(long Free, long Total)
{
    private const string CudaLibrary = "torch_cuda";

    private static readonly nint MemoryInfo = TorchLibrary.Export(CudaLibrary, "cudaMemGetInfo");
    private static readonly nint SetDevice = TorchLibrary.Export(CudaLibrary, "cudaSetDevice");

    /// <summary>Whether the loaded libtorch can tell.</summary>
    internal static bool IsAvailable => MemoryInfo != 0 && SetDevice != 0;

    /// <summary>Null for a CPU, and where it cannot be told.</summary>
    public static unsafe DeviceMemory? Of(Device device)
    {
        if (device.type != DeviceType.CUDA || !IsAvailable)
            return null;
        nuint free = 0, total = 0;
        // cudaError_t is an int; 0 is success.
        var refused = ((delegate* unmanaged<int, int>)SetDevice)(Math.Max(0, device.index)) != 0
            || ((delegate* unmanaged<nuint*, nuint*, int>)MemoryInfo)(&free, &total) != 0;
        return refused ? null : new DeviceMemory((long)free, (long)total);
    }
}
