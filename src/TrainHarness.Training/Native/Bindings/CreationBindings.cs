using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>New tensors.</summary>
internal static unsafe class CreationBindings
{
    /// <summary>Of the caller's values, which are copied: a tensor here never lies in managed memory.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSTensor_new")]
    public static nint New(
        nint values,
        delegate* unmanaged<nint, void> release,
        nint sizes,
        int dimensions,
        sbyte valueType,
        sbyte type,
        int deviceType,
        int deviceIndex,
        byte requiresGradient
    )
    {
        var tensor = Empty(new ReadOnlySpan<long>((void*)sizes, dimensions), valueType, LibtorchApi.CpuDevice(), 0);
        if (tensor == 0)
            return 0;
        LibtorchApi.GetElements(tensor, out var elements);
        LibtorchApi.GetData(tensor, out var data);
        var bytes = elements * (long)LibtorchApi.ElementSize(valueType);
        Buffer.MemoryCopy((void*)values, (void*)data, bytes, bytes);
        release(values);
        return Finished(Converted(tensor, type, deviceType, deviceIndex), requiresGradient);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_newInt64")]
    public static nint NewInt64(
        nint values,
        delegate* unmanaged<nint, void> release,
        nint sizes,
        int dimensions,
        int deviceType,
        int deviceIndex,
        byte requiresGradient
    )
    {
        delegate* unmanaged<nint, delegate* unmanaged<nint, void>, nint, int, sbyte, sbyte, int, int, byte, nint> create = &New;
        return create(values, release, sizes, dimensions, ElementType.Int64, ElementType.Int64, deviceType, deviceIndex, requiresGradient);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_newInt32Scalar")]
    public static nint NewInt32(int value, int deviceType, int deviceIndex, byte requiresGradient) =>
        OfValue(NativeScalar.Of((long)value), ElementType.Int32, deviceType, deviceIndex, requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_newFloat32Scalar")]
    public static nint NewSingle(float value, int deviceType, int deviceIndex, byte requiresGradient) =>
        OfValue(NativeScalar.Of((double)value), ElementType.Float32, deviceType, deviceIndex, requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_newFloat64Scalar")]
    public static nint NewDouble(double value, int deviceType, int deviceIndex, byte requiresGradient) =>
        OfValue(NativeScalar.Of(value), ElementType.Float64, deviceType, deviceIndex, requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_newInt64Scalar")]
    public static nint NewInteger(long value, int deviceType, int deviceIndex, byte requiresGradient) =>
        OfValue(NativeScalar.Of(value), ElementType.Int64, deviceType, deviceIndex, requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_newBoolScalar")]
    public static nint NewFlag(byte value, int deviceType, int deviceIndex, byte requiresGradient) =>
        OfValue(NativeScalar.Of(value != 0), ElementType.Boolean, deviceType, deviceIndex, requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_empty")]
    public static nint NewEmpty(nint sizes, int dimensions, sbyte type, int deviceType, int deviceIndex, byte requiresGradient) =>
        Finished(Empty(new ReadOnlySpan<long>((void*)sizes, dimensions), type, deviceType, deviceIndex), requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_zeros")]
    public static nint Zeros(nint sizes, int dimensions, sbyte type, int deviceType, int deviceIndex, byte requiresGradient) =>
        Finished(Zeroed(Empty(new ReadOnlySpan<long>((void*)sizes, dimensions), type, deviceType, deviceIndex)), requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_ones")]
    public static nint Ones(nint sizes, int dimensions, sbyte type, int deviceType, int deviceIndex, byte requiresGradient) =>
        Finished(
            Filled(Empty(new ReadOnlySpan<long>((void*)sizes, dimensions), type, deviceType, deviceIndex), ScalarBindings.One),
            requiresGradient
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_full")]
    public static nint Full(nint sizes, int dimensions, nint value, sbyte type, int deviceType, int deviceIndex, byte requiresGradient) =>
        Finished(Filled(Empty(new ReadOnlySpan<long>((void*)sizes, dimensions), type, deviceType, deviceIndex), value), requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_zeros_like")]
    public static nint ZerosLike(nint tensor, sbyte type, int deviceType, int deviceIndex, byte requiresGradient) =>
        Finished(Zeroed(EmptyLike(tensor, type, deviceType, deviceIndex)), requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_ones_like")]
    public static nint OnesLike(nint tensor, sbyte type, int deviceType, int deviceIndex, byte requiresGradient) =>
        Finished(Filled(EmptyLike(tensor, type, deviceType, deviceIndex), ScalarBindings.One), requiresGradient);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_zeros_out")]
    public static nint ZerosOut(nint sizes, int dimensions, nint output) =>
        CallOverload("aten::zeros"u8, "out"u8, List(sizes, dimensions), Word(output));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_arange")]
    public static nint Range(nint start, nint stop, nint step, sbyte type, int deviceType, int deviceIndex, byte requiresGradient)
    {
        var (first, last, distance) = (((NativeScalar*)start)->Real, ((NativeScalar*)stop)->Real, ((NativeScalar*)step)->Real);
        var count = (long)Math.Ceiling((last - first) / distance);
        if (count < 0)
            return Fail("arange: the step leads away from the end");
        var tensor = Empty([count], ElementType.Float64, LibtorchApi.CpuDevice(), 0);
        if (tensor == 0)
            return 0;
        LibtorchApi.GetData(tensor, out var data);
        for (var index = 0L; index < count; index++)
            ((double*)data)[index] = first + (index * distance);
        return Finished(Converted(tensor, type, deviceType, deviceIndex), requiresGradient);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_linspace")]
    public static nint Linspace(double start, double end, long steps, sbyte type, int deviceType, int deviceIndex, byte requiresGradient)
    {
        var tensor = Empty([Math.Max(0, steps)], ElementType.Float64, LibtorchApi.CpuDevice(), 0);
        if (tensor == 0)
            return 0;
        LibtorchApi.GetData(tensor, out var data);
        var distance = steps > 1 ? (end - start) / (steps - 1) : 0;
        for (var index = 0L; index < steps; index++)
            ((double*)data)[index] = index < steps / 2 ? start + (index * distance) : end - ((steps - 1 - index) * distance);
        return Finished(Converted(tensor, type, deviceType, deviceIndex), requiresGradient);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_fill_")]
    public static void Fill(nint tensor, nint value) => DoOverload("aten::fill_"u8, "Tensor"u8, Word(tensor), ScalarBindings.Value(value));

    /// <summary>Takes the tensor, and gives it back with a value in every place; 0 where that failed.</summary>
    internal static nint Filled(nint tensor, nint value) =>
        tensor == 0 ? 0 : Done(tensor, DoOverload("aten::fill_"u8, "Tensor"u8, Word(tensor), ScalarBindings.Value(value)));

    /// <summary>Takes the tensor, and gives it back as a leaf that asks for a gradient or not; 0 where it cannot.</summary>
    internal static nint Finished(nint tensor, byte requiresGradient)
    {
        if (tensor == 0 || requiresGradient == 0 || LibtorchApi.SetRequiresGradient(tensor, 1) == 0)
            return tensor;
        Delete(tensor);
        return Fail("requires_grad: only real numbers have gradients");
    }

    /// <summary>Takes the tensor, and gives it back where all went well, 0 otherwise.</summary>
    internal static nint Done(nint tensor, bool isDone)
    {
        if (isDone)
            return tensor;
        Delete(tensor);
        return 0;
    }

    private static nint Zeroed(nint tensor) => tensor == 0 ? 0 : Done(tensor, Do("aten::zero_"u8, Word(tensor)));

    private static nint OfValue(nint scalar, int type, int deviceType, int deviceIndex, byte requiresGradient)
    {
        var tensor = Finished(Filled(Empty([], type, deviceType, deviceIndex), scalar), requiresGradient);
        NativeMemory.AlignedFree((void*)scalar);
        return tensor;
    }

    // Keeps the order of the dimensions in memory.
    internal static nint EmptyLike(nint tensor, int type, int deviceType, int deviceIndex)
    {
        var like = Call(
            "aten::empty_like"u8,
            Word(tensor),
            Dispatcher.None,
            Dispatcher.None,
            Dispatcher.None,
            Dispatcher.None,
            Dispatcher.None
        );
        return like == 0 ? 0 : Converted(like, type, deviceType, deviceIndex);
    }

    /// <summary>Takes the tensor.</summary>
    /// <param name="tensor">0 where there is none, after a failure.</param>
    internal static nint Converted(nint tensor, int type, int deviceType, int deviceIndex)
    {
        if (tensor == 0)
            return 0;
        if (
            Type(tensor) == type
            && Device(tensor).Type == deviceType
            && (deviceType == LibtorchApi.CpuDevice() || Device(tensor).Index == Math.Max(0, deviceIndex))
        )
            return tensor;
        var example = Empty([0], type, deviceType, deviceIndex);
        if (example == 0)
        {
            Delete(tensor);
            return 0;
        }

        return CallOverload("aten::to"u8, "other"u8, (ulong)tensor, (ulong)example, 0, 0, Dispatcher.None);
    }
}
