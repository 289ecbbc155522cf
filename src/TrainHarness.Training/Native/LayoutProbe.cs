using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>One fact about a tensor: what TorchSharp's compiled-in code reads, and what libtorch says.</summary>
internal sealed record LayoutFact(string Name, Func<long> Inlined, Func<long> Told);

/// <summary>
/// Whether the tensor layout that TorchSharp's native library was compiled for is that of the loaded libtorch.
/// A tensor's fields moved in April 2026 (pytorch#181289); such a libtorch loads, and crashes later.
/// </summary>
internal static unsafe class LayoutProbe
{
    private const long Offset = 2;

    /// <summary>The first fact on which both sides differ; later ones are not read, since they follow pointers.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? FirstMismatch(IEnumerable<LayoutFact> facts)
    {
        foreach (var fact in facts)
        {
            var (inlined, told) = (fact.Inlined(), fact.Told());
            if (inlined != told)
                return FormattableString.Invariant($"{fact.Name} reads as {inlined} where libtorch says {told}");
        }

        return null;
    }

    /// <summary>Compares a tensor with odd strides, then one with an offset, then a gradient.</summary>
    /// <param name="bindings">
    /// TorchSharp's native library, which is called directly: what TorchSharp itself has called once it keeps.
    /// </param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Run(nint bindings)
    {
        // After a mismatch nothing is freed: that would go through the layout that was just found wrong.
        var tensor = OddTensor();
        if (FirstMismatch(FactsOf(bindings, tensor)) is { } mismatch)
            return mismatch;
        var wrong = OffsetMismatch(bindings, tensor) ?? GradientMismatch(bindings);
        if (wrong is null)
            Dispose(bindings, tensor);
        return wrong;
    }

    // 2 × 3 × 5 with strides 1, 10, 2: a permutation, so that sizes and strides cannot be taken for each other.
    private static nint OddTensor()
    {
        var sizes = stackalloc long[] { 2, 3, 5 };
        var strides = stackalloc long[] { 1, 10, 2 };
        Require(LibtorchApi.EmptyStrided(3, sizes, strides, LibtorchApi.Float32(), LibtorchApi.CpuDevice(), 0, out var handle));
        return handle;
    }

    // The count and the number of dimensions are plain fields; sizes and strides are behind them, then storage and type.
    private static IEnumerable<LayoutFact> FactsOf(nint bindings, nint tensor)
    {
        yield return new("the number of elements", () => Read(bindings, "THSTensor_numel", tensor), () => Elements(tensor));
        yield return new("the number of dimensions", () => Read(bindings, "THSTensor_ndimension", tensor), () => Dimensions(tensor));
        for (var dimension = 0; dimension < 3; dimension++)
        {
            var d = dimension;
            yield return new($"size {d}", () => Read(bindings, "THSTensor_size", tensor, d), () => Size(tensor, d));
            yield return new($"stride {d}", () => Read(bindings, "THSTensor_stride", tensor, d), () => Stride(tensor, d));
        }

        yield return new("contiguity", () => Read(bindings, "THSTensor_is_contiguous", tensor) & 255, () => 0);
        yield return new("the element type", () => Read(bindings, "THSTensor_type", tensor) & 255, () => LibtorchApi.Float32());
        yield return new("the device type", () => Read(bindings, "THSTensor_device_type", tensor) & 255, () => LibtorchApi.CpuDevice());
    }

    private static string? OffsetMismatch(nint bindings, nint tensor)
    {
        var narrow = (delegate* unmanaged<nint, long, long, long, nint>)NativeLibrary.GetExport(bindings, "THSTensor_narrow");
        var part = narrow(tensor, 2, 1, 2);
        if (part == 0)
            return "a part of a tensor cannot be taken";
        var mismatch = FirstMismatch([
            new("the storage offset", () => Read(bindings, "THSTensor_storage_offset", part), () => StorageOffset(part)),
            new("the storage offset", () => Read(bindings, "THSTensor_storage_offset", part), () => Offset),
        ]);
        if (mismatch is null)
            Dispose(bindings, part);
        return mismatch;
    }

    private static string? GradientMismatch(nint bindings)
    {
        var ones = (delegate* unmanaged<long*, int, sbyte, int, int, byte, nint>)NativeLibrary.GetExport(bindings, "THSTensor_ones");
        var multiply = (delegate* unmanaged<nint, nint, nint>)NativeLibrary.GetExport(bindings, "THSTensor_mul");
        var sum = (delegate* unmanaged<nint, byte, sbyte, nint>)NativeLibrary.GetExport(bindings, "THSTensor_sum");
        var backward = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(bindings, "THSTensor_backward");
        var gradientOf = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(bindings, "THSTensor_grad");

        var size = 4L;
        var weight = ones(&size, 1, (sbyte)LibtorchApi.Float32(), LibtorchApi.CpuDevice(), -1, 1);
        var squares = weight == 0 ? 0 : multiply(weight, weight);
        var total = squares == 0 ? 0 : sum(squares, 0, 0);
        if (total == 0)
            return "a sum of squares cannot be taken";
        backward(total);
        var gradient = gradientOf(weight);
        var gradientSum = gradient == 0 ? 0 : sum(gradient, 0, 0);
        var mismatch = FirstMismatch([
            new("the gradient of the sum of 4 squares", () => gradientSum == 0 ? -1 : Value(gradientSum), () => 8),
        ]);
        if (mismatch is not null)
            return mismatch;
        foreach (var tensor in (nint[])[gradientSum, gradient, total, squares, weight])
            Dispose(bindings, tensor);
        return null;
    }

    private static long Read(nint bindings, string function, nint tensor) =>
        ((delegate* unmanaged<nint, long>)NativeLibrary.GetExport(bindings, function))(tensor);

    private static long Read(nint bindings, string function, nint tensor, long dimension) =>
        ((delegate* unmanaged<nint, long, long>)NativeLibrary.GetExport(bindings, function))(tensor, dimension);

    private static void Dispose(nint bindings, nint tensor) =>
        ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(bindings, "THSTensor_dispose"))(tensor);

    private static long Elements(nint tensor)
    {
        Require(LibtorchApi.GetElements(tensor, out var value));
        return value;
    }

    private static long Dimensions(nint tensor)
    {
        Require(LibtorchApi.GetDimensions(tensor, out var value));
        return value;
    }

    private static long Size(nint tensor, int dimension)
    {
        Require(LibtorchApi.GetSize(tensor, dimension, out var value));
        return value;
    }

    private static long Stride(nint tensor, int dimension)
    {
        Require(LibtorchApi.GetStride(tensor, dimension, out var value));
        return value;
    }

    private static long StorageOffset(nint tensor)
    {
        Require(LibtorchApi.GetStorageOffset(tensor, out var value));
        return value;
    }

    private static long Value(nint tensor)
    {
        Require(LibtorchApi.GetSingle(tensor, out var value));
        return (long)value;
    }

    private static void Require(int status)
    {
        if (status != 0)
            throw new TorchLoadException("libtorch's C interface failed while its tensor layout was checked (its message is above).");
    }
}
