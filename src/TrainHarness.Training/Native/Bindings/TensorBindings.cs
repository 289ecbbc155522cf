using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>What a tensor is, its values, its gradient, and where it goes.</summary>
internal static unsafe class TensorBindings
{
    [ThreadStatic]
    private static nint lastMessage;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_get_and_reset_last_err")]
    public static nint TakeLastError()
    {
        Marshal.FreeCoTaskMem(lastMessage);
        lastMessage = Marshal.StringToCoTaskMemUTF8(TakeFailure());
        return lastMessage;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_dispose")]
    public static void Dispose(nint tensor) => Delete(tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_numel")]
    public static long Elements(nint tensor)
    {
        LibtorchApi.GetElements(tensor, out var elements);
        return elements;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_ndimension")]
    public static long Dimensions(nint tensor) => Operators.Sizes(tensor).Length;

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_size")]
    public static long Size(nint tensor, long dimension) =>
        LibtorchApi.GetSize(tensor, dimension, out var size) == 0 ? size : Fail($"size: there is no dimension {dimension}");

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_stride")]
    public static long Stride(nint tensor, long dimension) =>
        LibtorchApi.GetStride(tensor, dimension, out var stride) == 0 ? stride : Fail($"stride: there is no dimension {dimension}");

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sizes")]
    public static long Sizes(nint tensor, delegate* unmanaged<nint, long*> allocate)
    {
        var sizes = Operators.Sizes(tensor);
        sizes.CopyTo(new Span<long>(allocate(sizes.Length), sizes.Length));
        return sizes.Length;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_strides")]
    public static long Strides(nint tensor, delegate* unmanaged<nint, long*> allocate)
    {
        var dimensions = Operators.Sizes(tensor).Length;
        LibtorchApi.GetStrides(tensor, out var strides);
        new ReadOnlySpan<long>(strides, dimensions).CopyTo(new Span<long>(allocate(dimensions), dimensions));
        return dimensions;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_storage_offset")]
    public static long StorageOffset(nint tensor)
    {
        LibtorchApi.GetStorageOffset(tensor, out var offset);
        return offset;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_is_contiguous")]
    public static int IsContiguous(nint tensor)
    {
        LibtorchApi.IsContiguous(tensor, out var isContiguous);
        return isContiguous;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_type")]
    public static sbyte Type(nint tensor) => (sbyte)Operators.Type(tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_element_size")]
    public static long ElementSize(nint tensor) => (long)LibtorchApi.ElementSize(Operators.Type(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_device_type")]
    public static int DeviceType(nint tensor) => Device(tensor).Type;

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_device_index")]
    public static int DeviceIndex(nint tensor) => Device(tensor) is { Type: not 0, Index: var index } ? index : -1;

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_data")]
    public static nint Data(nint tensor)
    {
        LibtorchApi.GetData(tensor, out var data);
        return data;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_item")]
    public static nint Item(nint tensor)
    {
        // Widened first, so that one of two reads fits every type.
        var type = Operators.Type(tensor);
        var wide = Converted(tensor, ElementType.IsReal(type) ? ElementType.Float64 : ElementType.Int64, 0, 0);
        if (wide == 0)
            return 0;
        var real = 0.0;
        var integer = 0L;
        var status = ElementType.IsReal(type) ? LibtorchApi.GetDouble(wide, out real) : LibtorchApi.GetInteger(wide, out integer);
        Delete(wide);
        if (status != 0)
            return Fail("item: a tensor of one element is needed");
        return ElementType.IsReal(type) ? NativeScalar.Of(real)
            : type == ElementType.Boolean ? NativeScalar.Of(integer != 0)
            : NativeScalar.Of(integer);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_requires_grad")]
    public static int RequiresGradient(nint tensor) => MangledFunctions.RequiresGradient(Implementation(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_set_requires_grad")]
    public static void SetRequiresGradient(nint tensor, byte required)
    {
        if (LibtorchApi.SetRequiresGradient(tensor, required) != 0)
            Fail("requires_grad: not for this tensor; its message is on stderr.");
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_grad")]
    public static nint Gradient(nint tensor)
    {
        var place = MangledFunctions.Gradient(Implementation(tensor));
        LibtorchApi.IsDefined(place, out var isDefined);
        if (isDefined == 0)
            return 0;
        LibtorchApi.NewTensorHandle(place, out var gradient);
        return gradient;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_set_grad")]
    public static void SetGradient(nint tensor, nint gradient)
    {
        var nothing = gradient == 0 ? Undefined() : 0;
        Check(LibtorchApi.Assign(gradient == 0 ? nothing : gradient, MangledFunctions.Gradient(Implementation(tensor))));
        Delete(nothing);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_backward")]
    public static void Backward(nint tensor) =>
        TryCall("aten::_backward"u8, ""u8, [Word(tensor), List(), Dispatcher.None, Dispatcher.None, 0]);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_detach")]
    public static nint Detach(nint tensor) => Call("aten::detach"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_alias")]
    public static nint Alias(nint tensor) => (nint)Word(tensor);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_clone")]
    public static nint Clone(nint tensor) => Call("aten::clone"u8, Word(tensor), Dispatcher.None);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_contiguous")]
    public static nint Contiguous(nint tensor) => Call("aten::contiguous"u8, Word(tensor), 0);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_copy_")]
    public static long Copy(nint tensor, nint source, byte asynchronous)
    {
        Do("aten::copy_"u8, Word(tensor), Word(source), Flag(asynchronous));
        return 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_set_")]
    public static void Set(nint tensor, nint source) => DoOverload("aten::set_"u8, "source_Tensor"u8, Word(tensor), Word(source));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_pin_memory")]
    public static nint PinMemory(nint tensor) => Call("aten::pin_memory"u8, Word(tensor), Dispatcher.None);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_cpu")]
    public static nint ToCpu(nint tensor) => Moved(tensor, Operators.Type(tensor), LibtorchApi.CpuDevice(), 0, 0, 0);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_to_device")]
    public static nint ToDevice(nint tensor, int deviceType, int deviceIndex, byte copy, byte asynchronous) =>
        Moved(tensor, Operators.Type(tensor), deviceType, deviceIndex, copy, asynchronous);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_to_type")]
    public static nint ToType(nint tensor, sbyte type, byte copy, byte asynchronous) => Converted(tensor, type, copy, asynchronous);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_to_type_and_device")]
    public static nint ToTypeAndDevice(nint tensor, sbyte type, int deviceType, int deviceIndex, byte copy, byte asynchronous) =>
        Moved(tensor, type, deviceType, deviceIndex, copy, asynchronous);

    private static nint Converted(nint tensor, int type, byte copy, byte asynchronous) =>
        CallOverload("aten::to"u8, "dtype"u8, Word(tensor), Word((long)type), Flag(asynchronous), Flag(copy), Dispatcher.None);

    // By example: an empty tensor that is already there.
    private static nint Moved(nint tensor, int type, int deviceType, int deviceIndex, byte copy, byte asynchronous)
    {
        var example = Empty([0], type, deviceType, deviceIndex);
        return example == 0
            ? 0
            : CallOverload("aten::to"u8, "other"u8, Word(tensor), (ulong)example, Flag(asynchronous), Flag(copy), Dispatcher.None);
    }
}
