using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Bindings;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>The state of a GPU's own random generator, which dropout on it follows and which TorchSharp does not bind.</summary>
/// <remarks>A C++ function by its name in libtorch for Linux; for a GPU that is there it cannot throw.</remarks>
public static unsafe partial class CudaGenerator
{
    private static readonly nint DefaultGenerator = TorchLibrary.Export("torch_cuda", "_ZN2at4cuda6detail23getDefaultCUDAGeneratorEa");

    /// <summary>Whether the loaded libtorch has it; without it a resumed trial with dropout on a GPU draws other numbers.</summary>
    public static bool IsAvailable => DefaultGenerator != 0 && (TorchLibrary.Description.Misfit is null || RandomBindings.HasCudaStates);

    /// <param name="index">Of a GPU that has been used.</param>
    /// <returns>Bytes in the host's memory, in the caller's dispose scope.</returns>
    /// <exception cref="NotSupportedException">Not available.</exception>
    public static Tensor State(int index) => Tensor.UnsafeCreateTensor(GetState(Of(index)));

    /// <param name="state">As <see cref="State"/> gave it.</param>
    /// <exception cref="NotSupportedException">Not available.</exception>
    public static void Restore(int index, Tensor state)
    {
        SetState(Of(index), state.Handle);
        GC.KeepAlive(state);
    }

    private static nint Of(int index) =>
        IsAvailable
            ? ((delegate* unmanaged<sbyte, nint>)DefaultGenerator)(checked((sbyte)index))
            : throw new NotSupportedException("This libtorch does not show the GPU's random generator.");

    [LibraryImport("LibTorchSharp", EntryPoint = "THSGenerator_get_rng_state")]
    private static partial nint GetState(nint generator);

    [LibraryImport("LibTorchSharp", EntryPoint = "THSGenerator_set_rng_state")]
    private static partial void SetState(nint generator, nint state);
}
