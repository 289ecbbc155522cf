using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>Threads, gradients, precision, GPUs.</summary>
internal static unsafe class SettingBindings
{
    private static readonly nint GetCudaDevice = LoadedLibraries.Export("torch_cuda", "cudaGetDevice");
    private static readonly nint SetCudaDevice = LoadedLibraries.Export("torch_cuda", "cudaSetDevice");
    private static readonly nint CudaSynchronize = LoadedLibraries.Export("torch_cuda", "cudaDeviceSynchronize");

    // libtorch begins with it allowed; its own answer has another signature in each version.
    private static byte allowsTf32InCudnn = 1;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_get_num_threads")]
    public static int Threads() => MangledFunctions.GetThreads();

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_set_num_threads")]
    public static void SetThreads(int threads) => MangledFunctions.SetThreads(threads);

    [UnmanagedCallersOnly(EntryPoint = "THSAutograd_isGradEnabled")]
    public static int AreGradientsOn() => LibtorchApi.IsGradientModeOn();

    [UnmanagedCallersOnly(EntryPoint = "THSAutograd_setGrad")]
    public static void SetGradients(byte on) => LibtorchApi.SetGradientMode(on);

    [UnmanagedCallersOnly(EntryPoint = "THSBackend_cublas_set_allow_tf32")]
    public static void AllowTf32InCublas(byte allow) => MangledFunctions.AllowTf32InCublas(MangledFunctions.Context(), allow);

    [UnmanagedCallersOnly(EntryPoint = "THSBackend_cublas_get_allow_tf32")]
    public static int AllowsTf32InCublas() => MangledFunctions.AllowsTf32InCublas(MangledFunctions.Context());

    [UnmanagedCallersOnly(EntryPoint = "THSBackend_cudnn_set_allow_tf32")]
    public static void AllowTf32InCudnn(byte allow)
    {
        MangledFunctions.AllowTf32InCudnn(MangledFunctions.Context(), allow);
        allowsTf32InCudnn = allow;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSBackend_cudnn_get_allow_tf32")]
    public static int AllowsTf32InCudnn() => allowsTf32InCudnn;

    [UnmanagedCallersOnly(EntryPoint = "THSTorchCuda_is_available")]
    public static int HasCuda() => MangledFunctions.HasCuda();

    [UnmanagedCallersOnly(EntryPoint = "THSTorchCuda_device_count")]
    public static int CudaDevices() => (int)MangledFunctions.CudaDevices();

    [UnmanagedCallersOnly(EntryPoint = "THSTorchCuda_cudnn_is_available")]
    public static int HasCudnn() => MangledFunctions.HasCudnn();

    /// <summary>By the CUDA runtime, whose errors are numbers: what went wrong on the device since the last time is told here.</summary>
    /// <param name="device">-1 for the current one.</param>
    [UnmanagedCallersOnly(EntryPoint = "THSTorchCuda_synchronize")]
    public static void SynchronizeCuda(long device)
    {
        if (GetCudaDevice == 0 || SetCudaDevice == 0 || CudaSynchronize == 0)
        {
            Operators.Fail("synchronize: this libtorch does not show the CUDA runtime");
            return;
        }

        var current = 0;
        var status = ((delegate* unmanaged<int*, int>)GetCudaDevice)(&current);
        if (status == 0 && device >= 0)
            status = ((delegate* unmanaged<int, int>)SetCudaDevice)((int)device);
        if (status == 0)
            status = ((delegate* unmanaged<int>)CudaSynchronize)();
        if (device >= 0)
            _ = ((delegate* unmanaged<int, int>)SetCudaDevice)(current);
        if (status != 0)
            Operators.Fail($"CUDA error {status} while waiting for the device");
    }
}
