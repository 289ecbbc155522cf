using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>What attention, masks, losses over words and the choice of the next word need beside layers.</summary>
internal static unsafe class SequenceBindings
{
    // How TorchSharp writes a number that is not given.
    private const long NotGiven = long.MinValue;

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_masked_fill")]
    public static nint FillMasked(nint tensor, nint mask, nint value) =>
        CallOverload("aten::masked_fill"u8, "Tensor"u8, Word(tensor), Word(mask), ScalarBindings.Value(value));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_masked_fill_")]
    public static void FillMaskedInPlace(nint tensor, nint mask, nint value) =>
        DoOverload("aten::masked_fill_"u8, "Tensor"u8, Word(tensor), Word(mask), ScalarBindings.Value(value));

    [UnmanagedCallersOnly(EntryPoint = "THSSpecial_log_softmax")]
    public static nint LogSoftmax(nint tensor, long dimension, sbyte type) =>
        CallOverload(
            "aten::log_softmax"u8,
            "int"u8,
            Word(tensor),
            Word(dimension),
            type >= 0 ? Present(Word((long)type)) : Dispatcher.None
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_logsumexp")]
    public static nint LogOfSum(nint tensor, long dimension, byte keep) =>
        Call("aten::logsumexp"u8, Word(tensor), List(dimension), Flag(keep));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_glu")]
    public static nint Gated(nint tensor, long dimension) => Call("aten::glu"u8, Word(tensor), Word(dimension));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_log_sigmoid")]
    public static nint LogSigmoid(nint tensor) => Call("aten::log_sigmoid"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_exp")]
    public static nint Exponential(nint tensor) => Call("aten::exp"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_log")]
    public static nint Logarithm(nint tensor) => Call("aten::log"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sin")]
    public static nint Sine(nint tensor) => Call("aten::sin"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_cos")]
    public static nint Cosine(nint tensor) => Call("aten::cos"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_rsqrt")]
    public static nint ReciprocalSquareRoot(nint tensor) => Call("aten::rsqrt"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_any")]
    public static nint Any(nint tensor) => Call("aten::any"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_logical_not")]
    public static nint Not(nint tensor) => Call("aten::logical_not"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_bitwise_not")]
    public static nint BitwiseNot(nint tensor) => Call("aten::bitwise_not"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_squeeze_no_dim")]
    public static nint Squeezed(nint tensor) => Call("aten::squeeze"u8, Word(tensor));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_bmm")]
    public static nint BatchedProduct(nint a, nint b) => Call("aten::bmm"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_logical_and")]
    public static nint LogicalAnd(nint a, nint b) => Call("aten::logical_and"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_logical_or")]
    public static nint LogicalOr(nint a, nint b) => Call("aten::logical_or"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_logical_xor")]
    public static nint LogicalXor(nint a, nint b) => Call("aten::logical_xor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_bitwise_or")]
    public static nint BitwiseOr(nint a, nint b) => CallOverload("aten::bitwise_or"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_bitwise_xor")]
    public static nint BitwiseXor(nint a, nint b) => CallOverload("aten::bitwise_xor"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_le")]
    public static nint AreAtMost(nint a, nint b) => CallOverload("aten::le"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_max_elementwise")]
    public static nint Larger(nint a, nint b) => Call("aten::maximum"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_min_elementwise")]
    public static nint Smaller(nint a, nint b) => Call("aten::minimum"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_le_scalar")]
    public static nint AreAtMostNumber(nint a, nint number) =>
        CallOverload("aten::le"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_einsum")]
    public static nint EinsteinSum(nint equation, nint tensors, int count) =>
        Call("aten::einsum"u8, Text(Marshal.PtrToStringUTF8(equation)!), TensorList(tensors, count), Dispatcher.None);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_tril")]
    public static nint LowerTriangle(nint tensor, long diagonal, byte inPlace) =>
        inPlace != 0 ? Call("aten::tril_"u8, Word(tensor), Word(diagonal)) : Call("aten::tril"u8, Word(tensor), Word(diagonal));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_triu")]
    public static nint UpperTriangle(nint tensor, long diagonal, byte inPlace) =>
        inPlace != 0 ? Call("aten::triu_"u8, Word(tensor), Word(diagonal)) : Call("aten::triu"u8, Word(tensor), Word(diagonal));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_argmax")]
    public static nint PlaceOfMaximum(nint tensor) => Call("aten::argmax"u8, Word(tensor), Dispatcher.None, 0);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_argmax_along_dimension")]
    public static nint PlaceOfMaximumAlong(nint tensor, long dimension, byte keep) =>
        Call("aten::argmax"u8, Word(tensor), Present(Word(dimension)), Flag(keep));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_argmin")]
    public static nint PlaceOfMinimum(nint tensor) => Call("aten::argmin"u8, Word(tensor), Dispatcher.None, 0);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_argmin_along_dimension")]
    public static nint PlaceOfMinimumAlong(nint tensor, long dimension, byte keep) =>
        Call("aten::argmin"u8, Word(tensor), Present(Word(dimension)), Flag(keep));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_max_along_dimension")]
    public static void MaximumWithPlaces(nint tensor, delegate* unmanaged<nint, nint*> allocate, long dimension, byte keep) =>
        DeliverTwo("aten::max"u8, "dim"u8, [Word(tensor), Word(dimension), Flag(keep)], allocate);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_min_along_dimension")]
    public static void MinimumWithPlaces(nint tensor, delegate* unmanaged<nint, nint*> allocate, long dimension, byte keep) =>
        DeliverTwo("aten::min"u8, "dim"u8, [Word(tensor), Word(dimension), Flag(keep)], allocate);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sort")]
    public static nint Sort(nint tensor, long dimension, byte descending, byte stable, nint* places)
    {
        *places = 0;
        Span<ulong> stack = [Word(tensor), Present(Flag(stable)), Word(dimension), Flag(descending)];
        if (!TryCall("aten::sort"u8, "stable"u8, stack))
            return 0;
        *places = (nint)stack[1];
        return (nint)stack[0];
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_argsort")]
    public static nint SortedPlaces(nint tensor, long dimension, byte descending) =>
        Call("aten::argsort"u8, Word(tensor), Word(dimension), Flag(descending));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_scatter")]
    public static nint Scatter(nint tensor, long dimension, nint indices, nint source) =>
        CallOverload("aten::scatter"u8, "src"u8, Word(tensor), Word(dimension), Word(indices), Word(source));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_scatter_")]
    public static void ScatterInPlace(nint tensor, long dimension, nint indices, nint source) =>
        DoOverload("aten::scatter_"u8, "src"u8, Word(tensor), Word(dimension), Word(indices), Word(source));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_split_with_size")]
    public static void SplitEvenly(nint tensor, delegate* unmanaged<nint, nint*> allocate, long size, long dimension)
    {
        Span<ulong> stack = [Word(tensor), Word(size), Word(dimension)];
        if (TryCall("aten::split"u8, "Tensor"u8, stack))
            Deliver(stack[0], allocate);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_split_with_sizes")]
    public static void Split(nint tensor, delegate* unmanaged<nint, nint*> allocate, nint sizes, int count, long dimension)
    {
        Span<ulong> stack = [Word(tensor), List(sizes, count), Word(dimension)];
        if (TryCall("aten::split_with_sizes"u8, ""u8, stack))
            Deliver(stack[0], allocate);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_repeat_interleave_int64")]
    public static nint RepeatEach(nint tensor, long times, long dimension, long outputSize) =>
        CallOverload(
            "aten::repeat_interleave"u8,
            "self_int"u8,
            Word(tensor),
            Word(times),
            NumberOrNone(dimension),
            NumberOrNone(outputSize)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_full_like")]
    public static nint FullLike(nint tensor, nint value, sbyte type, int deviceType, int deviceIndex, byte requiresGradient) =>
        CreationBindings.Finished(
            CreationBindings.Filled(CreationBindings.EmptyLike(tensor, type, deviceType, deviceIndex), value),
            requiresGradient
        );

    [UnmanagedCallersOnly(EntryPoint = "THSNN_one_hot")]
    public static nint OneHot(nint indices, long classes) => Call("aten::one_hot"u8, Word(indices), Word(classes));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_nll_loss")]
    public static nint NegativeLogLikelihood(nint input, nint target, nint weight, long reduction) =>
        Call("aten::nll_loss_nd"u8, Word(input), Word(target), WordOrNone(weight), Word(reduction), Word(-100L));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_pad_sequence")]
    public static nint PadSequence(nint sequences, int count, byte batchFirst, double value) =>
        Call("aten::pad_sequence"u8, TensorList(sequences, count), Flag(batchFirst), Word(value), Text("right"));

    private static ulong NumberOrNone(long number) => number == NotGiven ? Dispatcher.None : Present(Word(number));

    private static void DeliverTwo(
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> overload,
        Span<ulong> stack,
        delegate* unmanaged<nint, nint*> allocate
    )
    {
        if (!TryCall(name, overload, stack))
            return;
        var array = allocate(2);
        array[0] = (nint)stack[0];
        array[1] = (nint)stack[1];
    }
}
