using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>Views, parts and joins.</summary>
internal static unsafe class ShapeBindings
{
    // How TorchSharp writes an index: numbers below a quarter of the smallest one are no positions.
    private const long Ellipsis = long.MinValue + 3;
    private const long NewAxis = long.MinValue + 4;
    private const long OfTensor = long.MinValue + 5;
    private const long FromTheStart = long.MinValue + 6;
    private const long LastOfSlices = long.MinValue / 4;
    private const long ZeroOfSlices = long.MinValue / 2;

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_view")]
    public static nint View(nint tensor, nint sizes, int count) => Call("aten::view"u8, Word(tensor), List(sizes, count));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_reshape")]
    public static nint Reshape(nint tensor, nint sizes, int count) => Call("aten::reshape"u8, Word(tensor), List(sizes, count));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_flatten")]
    public static nint Flatten(nint tensor, long first, long last) =>
        CallOverload("aten::flatten"u8, "using_ints"u8, Word(tensor), Word(first), Word(last));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_permute")]
    public static nint Permute(nint tensor, nint dimensions, int count) => Call("aten::permute"u8, Word(tensor), List(dimensions, count));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_transpose")]
    public static nint Transpose(nint tensor, long one, long other) =>
        CallOverload("aten::transpose"u8, "int"u8, Word(tensor), Word(one), Word(other));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_unsqueeze")]
    public static nint Unsqueeze(nint tensor, long dimension) => Call("aten::unsqueeze"u8, Word(tensor), Word(dimension));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_squeeze")]
    public static nint Squeeze(nint tensor, long dimension) => CallOverload("aten::squeeze"u8, "dim"u8, Word(tensor), Word(dimension));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_expand")]
    public static nint Expand(nint tensor, nint sizes, int count, byte isImplicit) =>
        Call("aten::expand"u8, Word(tensor), List(sizes, count), Flag(isImplicit));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_roll")]
    public static nint Roll(nint tensor, nint shifts, int count, nint dimensions, long dimensionCount) =>
        Call("aten::roll"u8, Word(tensor), List(shifts, count), List(dimensions, dimensionCount));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_flip")]
    public static nint Flip(nint tensor, nint dimensions, int count) => Call("aten::flip"u8, Word(tensor), List(dimensions, count));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_narrow")]
    public static nint Narrow(nint tensor, long dimension, long start, long length) =>
        Call("aten::narrow"u8, Word(tensor), Word(dimension), Word(start), Word(length));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_select")]
    public static nint Select(nint tensor, long dimension, long index) =>
        CallOverload("aten::select"u8, "int"u8, Word(tensor), Word(dimension), Word(index));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_index_select")]
    public static nint SelectAll(nint tensor, long dimension, nint indices) =>
        Call("aten::index_select"u8, Word(tensor), Word(dimension), Word(indices));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_get1")]
    public static nint Get1(nint tensor, long i) => At(tensor, i);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_get2")]
    public static nint Get2(nint tensor, long i, long j) => At(tensor, i, j);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_get4")]
    public static nint Get4(nint tensor, long i, long j, long k, long l) => At(tensor, i, j, k, l);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_get3")]
    public static nint Get3(nint tensor, long i, long j, long k) => At(tensor, i, j, k);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_set1")]
    public static void Set1(nint tensor, long i, nint value) => Put(At(tensor, i), value);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_set2")]
    public static void Set2(nint tensor, long i, long j, nint value) => Put(At(tensor, i, j), value);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_set3")]
    public static void Set3(nint tensor, long i, long j, long k, nint value) => Put(At(tensor, i, j, k), value);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_t")]
    public static nint Transposed(nint tensor) => Call("aten::t"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_repeat")]
    public static nint Repeat(nint tensor, nint times, int count) => Call("aten::repeat"u8, Word(tensor), List(times, count));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_unfold")]
    public static nint Unfold(nint tensor, long dimension, long size, long step) =>
        Call("aten::unfold"u8, Word(tensor), Word(dimension), Word(size), Word(step));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_gather")]
    public static nint Gather(nint tensor, long dimension, nint indices) =>
        Call("aten::gather"u8, Word(tensor), Word(dimension), Word(indices), 0);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_masked_select")]
    public static nint SelectMasked(nint tensor, nint mask) => Call("aten::masked_select"u8, Word(tensor), Word(mask));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_index_copy_")]
    public static void CopyAt(nint tensor, long dimension, nint indices, nint source) =>
        Do("aten::index_copy_"u8, Word(tensor), Word(dimension), Word(indices), Word(source));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_scatter_add_")]
    public static void ScatterAdd(nint tensor, long dimension, nint indices, nint source) =>
        Do("aten::scatter_add_"u8, Word(tensor), Word(dimension), Word(indices), Word(source));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_cat")]
    public static nint Concatenate(nint tensors, int count, long dimension) =>
        Call("aten::cat"u8, TensorList(tensors, count), Word(dimension));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_stack")]
    public static nint Stack(nint tensors, int count, long dimension) => Call("aten::stack"u8, TensorList(tensors, count), Word(dimension));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_chunk")]
    public static nint Chunk(nint tensor, delegate* unmanaged<nint, nint*> allocate, long chunks, long dimension)
    {
        Span<ulong> stack = [Word(tensor), Word(chunks), Word(dimension)];
        if (TryCall("aten::chunk"u8, ""u8, stack))
            Deliver(stack[0], allocate);
        return 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_unbind")]
    public static void Unbind(nint tensor, delegate* unmanaged<nint, nint*> allocate, long dimension)
    {
        Span<ulong> stack = [Word(tensor), Word(dimension)];
        if (TryCall("aten::unbind"u8, "int"u8, stack))
            Deliver(stack[0], allocate);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_channel_shuffle")]
    public static nint ShuffleChannels(nint tensor, long groups) => Call("aten::channel_shuffle"u8, Word(tensor), Word(groups));

    /// <summary>Positions, slices, new axes and tensors of indices, one after the other.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSTensor_index")]
    public static nint Index(nint tensor, nint starts, nint ends, nint steps, nint tensors, int count) =>
        Part(tensor, starts, ends, steps, tensors, count);

    /// <summary>The same for a place that is a view: not one that tensors of indices choose.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSTensor_index_put_")]
    public static void PutAt(nint tensor, nint starts, nint ends, nint steps, nint tensors, int count, nint value, byte accumulates)
    {
        if (new ReadOnlySpan<long>((void*)starts, count).Contains(OfTensor) || accumulates != 0)
        {
            Fail("index_put_: a place by tensors is not among the functions that go by libtorch's dispatcher");
            return;
        }

        Put(Part(tensor, starts, ends, steps, tensors, count), value);
    }

    private static nint Part(nint tensor, nint starts, nint ends, nint steps, nint tensors, int count)
    {
        var start = (long*)starts;
        var end = (long*)ends;
        var step = (long*)steps;
        var chosen = (nint*)tensors;
        var part = Call("aten::alias"u8, Word(tensor));
        var dimension = 0L;
        List<(long Dimension, nint Indices)> choices = [];
        for (var index = 0; index < count && part != 0; index++)
        {
            switch (start[index])
            {
                case Ellipsis:
                    dimension = Operators.Sizes(part).Length - CountAfter(start, index, count);
                    break;
                case NewAxis or long.MinValue:
                    part = Call("aten::unsqueeze"u8, (ulong)part, Word(dimension++));
                    break;
                case OfTensor:
                    choices.Add((dimension++, chosen[index]));
                    break;
                case > LastOfSlices and var position:
                    part = CallOverload("aten::select"u8, "int"u8, (ulong)part, Word(dimension), Word(position));
                    break;
                case >= FromTheStart and var from:
                    part = CallOverload(
                        "aten::slice"u8,
                        "Tensor"u8,
                        (ulong)part,
                        Word(dimension++),
                        from == FromTheStart ? Dispatcher.None : Present(Word(from - ZeroOfSlices)),
                        ends == 0 || end[index] == long.MinValue ? Dispatcher.None : Present(Word(end[index])),
                        steps == 0 || step[index] == long.MinValue ? Word(1L) : Word(step[index])
                    );
                    break;
                default:
                    Delete(part);
                    return Fail("index: a truth value is not among the functions that go by libtorch's dispatcher");
            }
        }

        return choices.Count == 0 || part == 0 ? part : Chosen(part, choices);
    }

    private static nint At(nint tensor, params ReadOnlySpan<long> position)
    {
        var part = Call("aten::alias"u8, Word(tensor));
        foreach (var index in position)
            part = part == 0 ? 0 : CallOverload("aten::select"u8, "int"u8, (ulong)part, 0, Word(index));
        return part;
    }

    // Takes the place.
    private static void Put(nint place, nint value)
    {
        if (place != 0)
            Do("aten::copy_"u8, (ulong)place, Word(value), 0);
    }

    private static int CountAfter(long* start, int ellipsis, int count)
    {
        var dimensions = 0;
        for (var index = ellipsis + 1; index < count; index++)
            dimensions += start[index] is NewAxis or long.MinValue ? 0 : 1;
        return dimensions;
    }

    private static nint Chosen(nint part, List<(long Dimension, nint Indices)> choices)
    {
        LibtorchApi.NewList((nuint)choices.Count, out var list);
        for (var dimension = 0L; dimension <= choices[^1].Dimension; dimension++)
        {
            var indices = choices.Find(choice => choice.Dimension == dimension).Indices;
            Check(LibtorchApi.PushBack(list, WordOrNone(indices)));
        }

        return CallOverload("aten::index"u8, "Tensor"u8, (ulong)part, (ulong)list);
    }
}
