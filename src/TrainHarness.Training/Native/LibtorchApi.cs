using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native;

/// <summary>libtorch's own C ABI (torch/csrc/inductor/aoti_torch/c/shim.h and torch/csrc/stable/c/shim.h), stable between versions.</summary>
/// <remarks>Every function returns 0 or, after printing the C++ exception on stderr, something else.</remarks>
internal static unsafe partial class LibtorchApi
{
    public const string Library = "torch_cpu";

    [LibraryImport(Library, EntryPoint = "aoti_torch_dtype_float32")]
    public static partial int Float32();

    [LibraryImport(Library, EntryPoint = "aoti_torch_device_type_cpu")]
    public static partial int CpuDevice();

    [LibraryImport(Library, EntryPoint = "aoti_torch_empty_strided")]
    public static partial int EmptyStrided(long dimensions, long* sizes, long* strides, int type, int deviceType, int deviceIndex, out nint tensor);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_numel")]
    public static partial int GetElements(nint tensor, out long elements);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_dim")]
    public static partial int GetDimensions(nint tensor, out long dimensions);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_size")]
    public static partial int GetSize(nint tensor, long dimension, out long size);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_stride")]
    public static partial int GetStride(nint tensor, long dimension, out long stride);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_storage_offset")]
    public static partial int GetStorageOffset(nint tensor, out long offset);

    /// <summary>A new owning handle of the same tensor.</summary>
    [LibraryImport(Library, EntryPoint = "aoti_torch_new_tensor_handle")]
    public static partial int NewTensorHandle(nint tensor, out nint handle);

    [LibraryImport(Library, EntryPoint = "torch_new_list_reserve_size")]
    public static partial int NewList(nuint capacity, out nint list);

    [LibraryImport(Library, EntryPoint = "torch_list_push_back")]
    public static partial int PushBack(nint list, ulong value);

    /// <summary>Calls an operator by name. The stack holds arguments (consumed) and, afterwards, results.</summary>
    /// <param name="version">The libtorch version that the caller encodes arguments for: major in the top byte, minor in the next.</param>
    [LibraryImport(Library, EntryPoint = "torch_call_dispatcher")]
    public static partial int CallDispatcher(byte* name, byte* overload, ulong* stack, ulong version);
}
