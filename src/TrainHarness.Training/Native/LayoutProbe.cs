using System.Runtime.InteropServices;
using static TorchSharp.torch;

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
    /// <returns>What is wrong, or null.</returns>
    public static string? Run()
    {
        var tensor = OddTensor();
        var mismatch = FirstMismatch(FactsOf(tensor));
        if (mismatch is not null)
        {
            // Freeing it would go through the layout that was just found wrong: kept for good.
            GCHandle.Alloc(tensor);
            return mismatch;
        }

        using (tensor)
            return OffsetMismatch(tensor) ?? GradientMismatch();
    }

    // 2 × 3 × 5 with strides 1, 10, 2: a permutation, so that sizes and strides cannot be taken for each other.
    private static Tensor OddTensor()
    {
        var sizes = stackalloc long[] { 2, 3, 5 };
        var strides = stackalloc long[] { 1, 10, 2 };
        Require(LibtorchApi.EmptyStrided(3, sizes, strides, LibtorchApi.Float32(), LibtorchApi.CpuDevice(), 0, out var handle));
        return Tensor.UnsafeCreateTensor(handle);
    }

    // The count and the number of dimensions are plain fields; sizes and strides are behind them, then storage and type.
    private static IEnumerable<LayoutFact> FactsOf(Tensor tensor)
    {
        yield return new("the number of elements", () => tensor.numel(), () => Elements(tensor));
        yield return new("the number of dimensions", () => tensor.dim(), () => Dimensions(tensor));
        for (var dimension = 0; dimension < 3; dimension++)
        {
            var d = dimension;
            yield return new($"size {d}", () => tensor.size(d), () => Size(tensor, d));
            yield return new($"stride {d}", () => tensor.stride(d), () => Stride(tensor, d));
        }

        yield return new("contiguity", () => tensor.is_contiguous() ? 1 : 0, () => 0);
        yield return new("the element type", () => (long)tensor.dtype, () => LibtorchApi.Float32());
        yield return new("the device type", () => (long)tensor.device_type, () => LibtorchApi.CpuDevice());
    }

    private static string? OffsetMismatch(Tensor tensor)
    {
        using var part = tensor.zero_().narrow(2, 1, 2);
        return FirstMismatch(
        [
            new("the storage offset", () => part.storage_offset(), () => StorageOffset(part)),
            new("the storage offset", () => part.storage_offset(), () => Offset),
        ]);
    }

    private static string? GradientMismatch()
    {
        using var scope = NewDisposeScope();
        var weight = new TorchSharp.Modules.Parameter(ones(4));
        (weight * weight).sum().backward();
        var gradient = weight.grad;
        return FirstMismatch([new("the gradient of the sum of 4 squares", () => gradient is null ? -1 : (long)gradient.sum().item<float>(), () => 8)]);
    }

    private static long Elements(Tensor tensor)
    {
        Require(LibtorchApi.GetElements(tensor.Handle, out var value));
        return value;
    }

    private static long Dimensions(Tensor tensor)
    {
        Require(LibtorchApi.GetDimensions(tensor.Handle, out var value));
        return value;
    }

    private static long Size(Tensor tensor, int dimension)
    {
        Require(LibtorchApi.GetSize(tensor.Handle, dimension, out var value));
        return value;
    }

    private static long Stride(Tensor tensor, int dimension)
    {
        Require(LibtorchApi.GetStride(tensor.Handle, dimension, out var value));
        return value;
    }

    private static long StorageOffset(Tensor tensor)
    {
        Require(LibtorchApi.GetStorageOffset(tensor.Handle, out var value));
        return value;
    }

    private static void Require(int status)
    {
        if (status != 0)
            throw new TorchLoadException("libtorch's C interface failed while its tensor layout was checked (its message is above).");
    }
}
