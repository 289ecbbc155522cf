using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>A number of libtorch (c10/core/Scalar.h): what it is, then its value.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct NativeScalar
{
    private const int OfDouble = 0;
    private const int OfInteger = 1;
    private const int OfFlag = 4;

    [FieldOffset(0)]
    private int kind;

    [FieldOffset(16)]
    private double real;

    [FieldOffset(16)]
    private long integer;

    public readonly double Real => kind == OfDouble ? real : integer;

    public readonly long Integer => kind == OfDouble ? (long)real : integer;

    /// <summary>The element type of a tensor that holds it.</summary>
    public readonly int Type =>
        kind == OfDouble ? ElementType.Float64
        : kind == OfFlag ? ElementType.Boolean
        : ElementType.Int64;

    public readonly bool IsReal => kind == OfDouble;

    /// <summary>In memory of its own, which <see cref="ScalarBindings.Dispose"/> gives back.</summary>
    public static nint Of(double value) => Of(new NativeScalar { kind = OfDouble, real = value });

    public static nint Of(long value) => Of(new NativeScalar { kind = OfInteger, integer = value });

    public static nint Of(bool value) => Of(new NativeScalar { kind = OfFlag, integer = value ? 1 : 0 });

    private static nint Of(NativeScalar value)
    {
        var place = (NativeScalar*)NativeMemory.AlignedAlloc((nuint)sizeof(NativeScalar), 16);
        *place = value;
        return (nint)place;
    }
}

/// <summary>Numbers that an operator takes beside tensors.</summary>
internal static unsafe class ScalarBindings
{
    private const int Kept = 4096;

    private static readonly ConcurrentQueue<nint> Disposed = [];

    /// <summary>1, for operators that scale what they add.</summary>
    public static readonly nint One = NativeScalar.Of(1L);

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_float64_to_scalar")]
    public static nint OfDouble(double value) => NativeScalar.Of(value);

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_float32_to_scalar")]
    public static nint OfSingle(float value) => NativeScalar.Of((double)value);

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_int32_to_scalar")]
    public static nint OfInt32(int value) => NativeScalar.Of((long)value);

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_int64_to_scalar")]
    public static nint OfInt64(long value) => NativeScalar.Of(value);

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_uint8_to_scalar")]
    public static nint OfByte(byte value) => NativeScalar.Of((long)value);

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_bool_to_scalar")]
    public static nint OfFlag(byte value) => NativeScalar.Of(value != 0);

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_scalar_type")]
    public static byte Type(nint scalar) => (byte)((NativeScalar*)scalar)->Type;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_scalar_to_float64")]
    public static double ToDouble(nint scalar) => ((NativeScalar*)scalar)->Real;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_scalar_to_float32")]
    public static float ToSingle(nint scalar) => (float)((NativeScalar*)scalar)->Real;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_scalar_to_int64")]
    public static long ToInt64(nint scalar) => ((NativeScalar*)scalar)->Integer;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_scalar_to_int32")]
    public static int ToInt32(nint scalar) => (int)((NativeScalar*)scalar)->Integer;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_scalar_to_bool")]
    public static int ToFlag(nint scalar) => ((NativeScalar*)scalar)->Integer != 0 ? 1 : 0;

    [UnmanagedCallersOnly(EntryPoint = "THSTorch_dispose_scalar")]
    public static void Dispose(nint scalar)
    {
        // TorchSharp holds none during a call, so that a collection may dispose of one that is being read: the last ones wait.
        Disposed.Enqueue(scalar);
        while (Disposed.Count > Kept && Disposed.TryDequeue(out var oldest))
            NativeMemory.AlignedFree((void*)oldest);
    }

    /// <summary>
    /// The same number as a tensor without dimensions, of a type that gives the result the type that the number itself would give.
    /// </summary>
    /// <param name="beside">The tensor it stands beside.</param>
    public static ulong Operand(nint scalar, nint beside)
    {
        var value = *(NativeScalar*)scalar;
        var other = Operators.Type(beside);
        // A whole tensor and a real number give single precision. A tensor without dimensions weighs as much as another one, unlike a
        // number.
        var type =
            value.IsReal && !ElementType.IsReal(other) ? ElementType.Float32
            : Operators.Sizes(beside).IsEmpty && Category(value.Type) <= Category(other) ? other
            : value.Type;
        return type is ElementType.Float64 or ElementType.Float32 or ElementType.Boolean or ElementType.Int64
            ? (ulong)Of(value, type)
            : (ulong)CreationBindings.Converted(Of(value, value.Type), type, LibtorchApi.CpuDevice(), 0);
    }

    /// <summary>As <see cref="Operand"/>, on the device of the tensor: for operators that take none from the CPU.</summary>
    public static ulong OperandThere(nint scalar, nint beside)
    {
        var here = (nint)Operand(scalar, beside);
        if (here == 0)
            return 0;
        var (deviceType, deviceIndex) = Operators.Device(beside);
        if (deviceType == LibtorchApi.CpuDevice())
            return (ulong)here;
        // Filled, not copied: a copy would wait for the device.
        var there = Operators.Empty([], Operators.Type(here), deviceType, deviceIndex);
        Operators.Delete(here);
        return there == 0 ? 0 : (ulong)CreationBindings.Filled(there, scalar);
    }

    /// <summary>A number as a tensor without dimensions, of its own type.</summary>
    public static ulong Value(nint scalar)
    {
        var value = *(NativeScalar*)scalar;
        return (ulong)Of(value, value.Type);
    }

    private static int Category(int type) =>
        ElementType.IsReal(type) ? 2
        : type == ElementType.Boolean ? 0
        : 1;

    private static nint Of(NativeScalar value, int type)
    {
        var tensor = Operators.Empty([], type, LibtorchApi.CpuDevice(), 0);
        if (tensor == 0)
            return 0;
        LibtorchApi.GetData(tensor, out var data);
        switch (type)
        {
            case ElementType.Float64:
                *(double*)data = value.Real;
                break;
            case ElementType.Float32:
                *(float*)data = (float)value.Real;
                break;
            case ElementType.Boolean:
                *(byte*)data = (byte)value.Integer;
                break;
            default:
                *(long*)data = value.Integer;
                break;
        }

        return tensor;
    }
}
