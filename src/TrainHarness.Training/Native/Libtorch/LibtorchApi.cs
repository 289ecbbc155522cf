using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native.Libtorch;

/// <summary>
/// libtorch's own C ABI (torch/csrc/inductor/aoti_torch/c/shim.h and torch/csrc/stable/c/shim.h), stable between versions.
/// </summary>
/// <remarks>Every function returns 0 or, after printing the C++ exception on stderr, something else.</remarks>
internal static unsafe partial class LibtorchApi
{
    public const string Library = "torch_cpu";

    [LibraryImport(Library, EntryPoint = "aoti_torch_dtype_float32")]
    public static partial int Float32();

    [LibraryImport(Library, EntryPoint = "aoti_torch_device_type_cpu")]
    public static partial int CpuDevice();

    [LibraryImport(Library, EntryPoint = "aoti_torch_empty_strided")]
    public static partial int EmptyStrided(
        long dimensions,
        long* sizes,
        long* strides,
        int type,
        int deviceType,
        int deviceIndex,
        out nint tensor
    );

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

    [LibraryImport(Library, EntryPoint = "aoti_torch_item_float32")]
    public static partial int GetSingle(nint tensor, out float value);

    [LibraryImport(Library, EntryPoint = "aoti_torch_item_float64")]
    public static partial int GetDouble(nint tensor, out double value);

    [LibraryImport(Library, EntryPoint = "aoti_torch_item_int64")]
    public static partial int GetInteger(nint tensor, out long value);

    [LibraryImport(Library, EntryPoint = "aoti_torch_delete_tensor_object")]
    public static partial int DeleteTensor(nint handle);

    [LibraryImport(Library, EntryPoint = "aoti_torch_new_uninitialized_tensor")]
    public static partial int NewUndefinedTensor(out nint handle);

    /// <summary>What one tensor is becomes what another is; both go on to exist.</summary>
    [LibraryImport(Library, EntryPoint = "aoti_torch_assign_tensors")]
    public static partial int Assign(nint source, nint destination);

    [LibraryImport(Library, EntryPoint = "aoti_torch_is_defined")]
    public static partial int IsDefined(nint tensor, out byte isDefined);

    [LibraryImport(Library, EntryPoint = "aoti_torch_is_contiguous")]
    public static partial int IsContiguous(nint tensor, out byte isContiguous);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_sizes")]
    public static partial int GetSizes(nint tensor, out long* sizes);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_strides")]
    public static partial int GetStrides(nint tensor, out long* strides);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_data_ptr")]
    public static partial int GetData(nint tensor, out nint data);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_dtype")]
    public static partial int GetType(nint tensor, out int type);

    [LibraryImport(Library, EntryPoint = "aoti_torch_dtype_element_size")]
    public static partial nuint ElementSize(int type);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_device_type")]
    public static partial int GetDeviceType(nint tensor, out int type);

    [LibraryImport(Library, EntryPoint = "aoti_torch_get_device_index")]
    public static partial int GetDeviceIndex(nint tensor, out int index);

    [LibraryImport(Library, EntryPoint = "torch_set_requires_grad")]
    public static partial int SetRequiresGradient(nint tensor, byte required);

    [LibraryImport(Library, EntryPoint = "aoti_torch_grad_mode_is_enabled")]
    public static partial byte IsGradientModeOn();

    [LibraryImport(Library, EntryPoint = "aoti_torch_grad_mode_set_enabled")]
    public static partial void SetGradientMode(byte on);

    [LibraryImport(Library, EntryPoint = "torch_new_string_handle")]
    public static partial int NewString(byte* text, nuint length, out nint handle);

    [LibraryImport(Library, EntryPoint = "torch_list_size")]
    public static partial int GetListSize(nint list, out nuint size);

    [LibraryImport(Library, EntryPoint = "torch_list_get_item")]
    public static partial int GetListItem(nint list, nuint index, out ulong value);

    [LibraryImport(Library, EntryPoint = "torch_delete_list")]
    public static partial int DeleteList(nint list);

    [LibraryImport(Library, EntryPoint = "torch_new_list_reserve_size")]
    public static partial int NewList(nuint capacity, out nint list);

    [LibraryImport(Library, EntryPoint = "torch_list_push_back")]
    public static partial int PushBack(nint list, ulong value);

    /// <summary>Calls an operator by name. The stack holds arguments (consumed) and, afterwards, results.</summary>
    /// <param name="version">The libtorch version that the caller encodes arguments for: major in the top byte, minor in the next.</param>
    [LibraryImport(Library, EntryPoint = "torch_call_dispatcher")]
    public static partial int CallDispatcher(byte* name, byte* overload, ulong* stack, ulong version);
}
