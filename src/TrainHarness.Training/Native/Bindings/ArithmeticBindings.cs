using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>Element by element, reductions and products.</summary>
internal static unsafe class ArithmeticBindings
{
    [UnmanagedCallersOnly(EntryPoint = "THSTensor_add")]
    public static nint Add(nint a, nint b, nint alpha) => Sum(a, b, alpha, isDifference: false);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sub")]
    public static nint Subtract(nint a, nint b) => Sum(a, b, ScalarBindings.One, isDifference: true);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_add_")]
    public static void AddTo(nint a, nint b, nint alpha) => SumInPlace(a, b, alpha, isDifference: false);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sub_")]
    public static void SubtractFrom(nint a, nint b) => SumInPlace(a, b, ScalarBindings.One, isDifference: true);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_add_scalar")]
    public static nint AddNumber(nint a, nint number, nint alpha) =>
        WithOperand(number, a, operand => Sum(a, operand, alpha, isDifference: false));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_add_scalar_")]
    public static void AddNumberTo(nint a, nint number, nint alpha) =>
        WithOperand(number, a, operand => SumInPlace(a, operand, alpha, isDifference: false));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_mul")]
    public static nint Multiply(nint a, nint b) => CallOverload("aten::mul"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_mul_")]
    public static void MultiplyInPlace(nint a, nint b) => DoOverload("aten::mul_"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_mul_scalar")]
    public static nint MultiplyByNumber(nint a, nint number) =>
        CallOverload("aten::mul"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_mul_scalar_")]
    public static void MultiplyByNumberInPlace(nint a, nint number) =>
        DoOverload("aten::mul_"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_div")]
    public static nint Divide(nint a, nint b, nint rounding) => Quotient(a, Word(b), rounding);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_div_")]
    public static void DivideInPlace(nint a, nint b, nint rounding) => DivideInto(a, Word(b), rounding);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_div_scalar")]
    public static nint DivideByNumber(nint a, nint number, nint rounding) => Quotient(a, ScalarBindings.Operand(number, a), rounding);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_remainder_scalar_")]
    public static void RemainderInPlace(nint a, nint number) =>
        DoOverload("aten::remainder_"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_pow_scalar")]
    public static nint Power(nint a, nint exponent) => RaisedTo(a, exponent);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_reciprocal_")]
    public static void ReciprocalInPlace(nint a) => Do("aten::reciprocal_"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sqrt")]
    public static nint SquareRoot(nint a) => Call("aten::sqrt"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_abs")]
    public static nint Absolute(nint a) => Call("aten::abs"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_clamp_max_")]
    public static void ClampMaximumInPlace(nint a, nint number) =>
        DoOverload("aten::clamp_max_"u8, "Tensor"u8, Word(a), ScalarBindings.OperandThere(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_clamp_")]
    public static void ClampInPlace(nint a, nint low, nint high) =>
        DoOverload(
            "aten::clamp_"u8,
            "Tensor"u8,
            Word(a),
            low == 0 ? Dispatcher.None : Present(ScalarBindings.OperandThere(low, a)),
            high == 0 ? Dispatcher.None : Present(ScalarBindings.OperandThere(high, a))
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_clamp")]
    public static nint Clamp(nint a, nint low, nint high) =>
        CallOverload(
            "aten::clamp"u8,
            "Tensor"u8,
            Word(a),
            low == 0 ? Dispatcher.None : Present(ScalarBindings.OperandThere(low, a)),
            high == 0 ? Dispatcher.None : Present(ScalarBindings.OperandThere(high, a))
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_eq")]
    public static nint AreEqual(nint a, nint b) => CallOverload("aten::eq"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_ne")]
    public static nint AreUnequal(nint a, nint b) => CallOverload("aten::ne"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_lt_scalar")]
    public static nint AreBelow(nint a, nint number) => CallOverload("aten::lt"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_ge_scalar")]
    public static nint AreAtLeast(nint a, nint number) =>
        CallOverload("aten::ge"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_isfinite")]
    public static nint AreFinite(nint a) => Call("aten::isfinite"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_all")]
    public static nint All(nint a) => Call("aten::all"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sum")]
    public static nint Total(nint a, byte hasType, sbyte type) =>
        Call("aten::sum"u8, Word(a), hasType != 0 ? Present(Word((long)type)) : Dispatcher.None);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_mean_along_dimensions")]
    public static nint Mean(nint a, nint dimensions, int count, byte keep, byte hasType, sbyte type) =>
        CallOverload(
            "aten::mean"u8,
            "dim"u8,
            Word(a),
            Present(List(dimensions, count)),
            Flag(keep),
            hasType != 0 ? Present(Word((long)type)) : Dispatcher.None
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_norm")]
    public static nint Norm(nint a, float order)
    {
        if (!ElementType.IsReal(Type(a)))
            return Fail("norm: real numbers are needed");
        var (result, number) = (Undefined(), NativeScalar.Of((double)order));
        MangledFunctions.Norm(result, a, number);
        NativeMemory.AlignedFree((void*)number);
        return result;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_matmul")]
    public static nint MatrixProduct(nint a, nint b) => Call("aten::matmul"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSSpecial_softmax")]
    public static nint Softmax(nint a, long dimension, sbyte type) =>
        CallOverload("aten::softmax"u8, "int"u8, Word(a), Word(dimension), type >= 0 ? Present(Word((long)type)) : Dispatcher.None);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_topk")]
    public static void Largest(nint a, delegate* unmanaged<nint, nint*> allocate, int count, long dimension, byte largest, byte sorted)
    {
        Span<ulong> stack = [Word(a), Word((long)count), Word(dimension), Flag(largest), Flag(sorted)];
        if (!TryCall("aten::topk"u8, ""u8, stack))
            return;
        var array = allocate(2);
        array[0] = (nint)stack[0];
        array[1] = (nint)stack[1];
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sub_scalar")]
    public static nint SubtractNumber(nint a, nint number) =>
        WithOperand(number, a, operand => Sum(a, operand, ScalarBindings.One, isDifference: true));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_div_scalar_")]
    public static void DivideByNumberInPlace(nint a, nint number, nint rounding) =>
        DivideInto(a, ScalarBindings.Operand(number, a), rounding);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_floor_divide")]
    public static nint FloorDivide(nint a, nint b) => Call("aten::floor_divide"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_floor_divide_scalar")]
    public static nint FloorDivideByNumber(nint a, nint number) => Call("aten::floor_divide"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_remainder_scalar")]
    public static nint Remainder(nint a, nint number) =>
        CallOverload("aten::remainder"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_reciprocal")]
    public static nint Reciprocal(nint a) => Call("aten::reciprocal"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_exp2")]
    public static nint PowerOfTwo(nint a) => Call("aten::exp2"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_floor")]
    public static nint Floor(nint a) => Call("aten::floor"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_neg")]
    public static nint Negative(nint a) => Call("aten::neg"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_floor_")]
    public static void FloorInPlace(nint a) => Do("aten::floor_"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_round")]
    public static nint Round(nint a, long decimals) => CallOverload("aten::round"u8, "decimals"u8, Word(a), Word(decimals));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_round_")]
    public static void RoundInPlace(nint a, long decimals) => DoOverload("aten::round_"u8, "decimals"u8, Word(a), Word(decimals));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_clamp_min")]
    public static nint ClampMinimum(nint a, nint number) =>
        CallOverload("aten::clamp_min"u8, "Tensor"u8, Word(a), ScalarBindings.OperandThere(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_lt")]
    public static nint AreBelowTensor(nint a, nint b) => CallOverload("aten::lt"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_ge")]
    public static nint AreAtLeastTensor(nint a, nint b) => CallOverload("aten::ge"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_gt")]
    public static nint AreAboveTensor(nint a, nint b) => CallOverload("aten::gt"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_gt_scalar")]
    public static nint AreAbove(nint a, nint number) => CallOverload("aten::gt"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_eq_scalar")]
    public static nint AreEqualTo(nint a, nint number) =>
        CallOverload("aten::eq"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_ne_scalar")]
    public static nint AreUnequalTo(nint a, nint number) =>
        CallOverload("aten::ne"u8, "Tensor"u8, Word(a), ScalarBindings.Operand(number, a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_bitwise_and")]
    public static nint And(nint a, nint b) => CallOverload("aten::bitwise_and"u8, "Tensor"u8, Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_where")]
    public static nint Where(nint condition, nint a, nint b) => CallOverload("aten::where"u8, "self"u8, Word(condition), Word(a), Word(b));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_lerp_")]
    public static void LerpInPlace(nint a, nint end, nint share) =>
        DoOverload("aten::lerp_"u8, "Tensor"u8, Word(a), Word(end), Word(share));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_addcmul_")]
    public static void AddProductInPlace(nint a, nint b, nint c, nint value) => AddCombined(a, b, c, value, isQuotient: false);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_addcdiv_")]
    public static void AddQuotientInPlace(nint a, nint b, nint c, nint value) => AddCombined(a, b, c, value, isQuotient: true);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_equal")]
    public static int Equal(nint a, nint b) => Truth("aten::equal"u8, [Word(a), Word(b)]);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_allclose")]
    public static int AllClose(nint a, nint b, double relative, double absolute, byte equalNan) =>
        Truth("aten::allclose"u8, [Word(a), Word(b), Word(relative), Word(absolute), Flag(equalNan)]);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_max")]
    public static nint Maximum(nint a) => Call("aten::max"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_min")]
    public static nint Minimum(nint a) => Call("aten::min"u8, Word(a));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_amax")]
    public static nint MaximumAlong(nint a, nint dimensions, int count, byte keep) =>
        Call("aten::amax"u8, Word(a), List(dimensions, count), Flag(keep));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_amin")]
    public static nint MinimumAlong(nint a, nint dimensions, int count, byte keep) =>
        Call("aten::amin"u8, Word(a), List(dimensions, count), Flag(keep));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_all_along_dimension")]
    public static nint AllAlong(nint a, long dimension, byte keep) =>
        CallOverload("aten::all"u8, "dim"u8, Word(a), Word(dimension), Flag(keep));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_any_along_dimension")]
    public static nint AnyAlong(nint a, long dimension, byte keep) =>
        CallOverload("aten::any"u8, "dim"u8, Word(a), Word(dimension), Flag(keep));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_mean")]
    public static nint MeanOfAll(nint a) => Call("aten::mean"u8, Word(a), Dispatcher.None);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_std")]
    public static nint Deviation(nint a, byte unbiased) => Call("aten::std"u8, Word(a), Flag(unbiased));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sum_along_dimensions")]
    public static nint TotalAlong(nint a, nint dimensions, int count, byte keep, byte hasType, sbyte type) =>
        CallOverload(
            "aten::sum"u8,
            "dim_IntList"u8,
            Word(a),
            Present(List(dimensions, count)),
            Flag(keep),
            hasType != 0 ? Present(Word((long)type)) : Dispatcher.None
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_cumsum")]
    public static nint RunningTotal(nint a, long dimension, byte hasType, sbyte type) =>
        Call("aten::cumsum"u8, Word(a), Word(dimension), hasType != 0 ? Present(Word((long)type)) : Dispatcher.None);

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_mm")]
    public static nint PlainMatrixProduct(nint a, nint b) => Call("aten::mm"u8, Word(a), Word(b));

    /// <summary>a ± alpha·b, of whose arguments it must be sure: libtorch cannot say no.</summary>
    internal static nint Sum(nint a, nint b, nint alpha, bool isDifference)
    {
        if (!IsSumOf(a, b, alpha, isDifference) || !Reserve(a, b))
            return 0;
        var result = Undefined();
        if (isDifference)
            MangledFunctions.Subtract(result, a, b, alpha);
        else
            MangledFunctions.Add(result, a, b, alpha);
        return result;
    }

    internal static nint RaisedTo(nint a, nint exponent)
    {
        if (!Reserve(a, a))
            return 0;
        var result = Undefined();
        MangledFunctions.Power(result, a, exponent);
        return result;
    }

    // On the result's way back 0, so that it can stand for a function that gives a tensor.
    private static nint SumInPlace(nint a, nint b, nint alpha, bool isDifference)
    {
        if (!IsSumOf(a, b, alpha, isDifference) || !FitsInto(a, b))
            return 0;
        if (isDifference)
            MangledFunctions.SubtractInPlace(a, b, alpha);
        else
            MangledFunctions.AddInPlace(a, b, alpha);
        return 0;
    }

    private static void AddCombined(nint a, nint b, nint c, nint value, bool isQuotient)
    {
        if (!IsSumOf(a, b, value, isDifference: false) || !FitsInto(a, b) || !FitsInto(a, c))
            return;
        if (isQuotient && !ElementType.IsReal(Type(a)))
        {
            Fail("addcdiv: real numbers are needed");
            return;
        }

        if (isQuotient)
            MangledFunctions.AddQuotientInPlace(a, b, c, value);
        else
            MangledFunctions.AddProductInPlace(a, b, c, value);
    }

    private static nint Quotient(nint a, ulong divisor, nint rounding) =>
        rounding == 0
            ? CallOverload("aten::div"u8, "Tensor"u8, Word(a), divisor)
            : CallOverload("aten::div"u8, "Tensor_mode"u8, Word(a), divisor, Present(Text(Marshal.PtrToStringUTF8(rounding)!)));

    private static void DivideInto(nint a, ulong divisor, nint rounding)
    {
        if (rounding == 0)
            DoOverload("aten::div_"u8, "Tensor"u8, Word(a), divisor);
        else
            DoOverload("aten::div_"u8, "Tensor_mode"u8, Word(a), divisor, Present(Text(Marshal.PtrToStringUTF8(rounding)!)));
    }

    private static nint WithOperand(nint number, nint beside, Func<nint, nint> use)
    {
        var operand = (nint)ScalarBindings.Operand(number, beside);
        var result = use(operand);
        Delete(operand);
        return result;
    }

    private static int Truth(ReadOnlySpan<byte> name, Span<ulong> stack) => TryCall(name, ""u8, stack) && stack[0] != 0 ? 1 : 0;

    // What libtorch says no to, of types.
    private static bool IsSumOf(nint a, nint b, nint alpha, bool isDifference)
    {
        if (isDifference && Type(a) == ElementType.Boolean && Type(b) == ElementType.Boolean)
            return Fail("truth values cannot be subtracted") != 0;
        return !((NativeScalar*)alpha)->IsReal
            || ElementType.IsReal(Type(a))
            || ElementType.IsReal(Type(b))
            || Fail("a real factor needs real numbers") != 0;
    }

    // Whether b can be added to a where it is.
    private static bool FitsInto(nint a, nint b)
    {
        if (BroadcastSizes(a, b) is not { } sizes || !Operators.Sizes(a).SequenceEqual(sizes))
            return Fail("in place: the sizes do not fit") != 0;
        if (Device(a) != Device(b) && !IsNumberOnCpu(b))
            return Fail("in place: the tensors are not on one device") != 0;
        if (ElementType.IsReal(Type(b)) && !ElementType.IsReal(Type(a)))
            return Fail("in place: real numbers do not fit into whole ones") != 0;
        if (
            LibtorchApi.IsGradientModeOn() != 0
            && MangledFunctions.RequiresGradient(Implementation(a)) != 0
            && Truth("aten::is_leaf"u8, [Word(a)]) != 0
        )
            return Fail("in place: a leaf that requires a gradient cannot be changed") != 0;
        Span<ulong> overlap = [Word(a)];
        return (TryCall("aten::_debug_has_internal_overlap"u8, ""u8, overlap) && overlap[0] != 1)
            || Fail("in place: several elements lie in one place") != 0;
    }

    // Whether the result of both will fit: its sizes, and on a GPU its memory, which is asked for where the answer may be no and is then at
    // hand.
    private static bool Reserve(nint a, nint b)
    {
        if (BroadcastSizes(a, b) is not { } sizes)
            return Fail("the sizes of two tensors do not fit each other") != 0;
        if (!AreOnOneDevice(a, b))
            return Fail("two tensors are not on one device") != 0;
        var (type, index) = Device(a) is { Type: not 0 } device ? device : Device(b);
        if (type == LibtorchApi.CpuDevice())
            return true;
        // In the wider type of both, and at least in single precision, in which autocast computes some.
        var wider = LibtorchApi.ElementSize(Type(a)) >= LibtorchApi.ElementSize(Type(b)) ? Type(a) : Type(b);
        var reserve = Empty(sizes, LibtorchApi.ElementSize(wider) < sizeof(float) ? ElementType.Float32 : wider, type, index);
        Delete(reserve);
        return reserve != 0;
    }

    private static bool AreOnOneDevice(nint a, nint b) => Device(a) == Device(b) || IsNumberOnCpu(a) || IsNumberOnCpu(b);

    private static bool IsNumberOnCpu(nint tensor) => Operators.Sizes(tensor).IsEmpty && Device(tensor).Type == LibtorchApi.CpuDevice();

    private static long[]? BroadcastSizes(nint a, nint b)
    {
        var left = Operators.Sizes(a);
        var right = Operators.Sizes(b);
        var sizes = new long[Math.Max(left.Length, right.Length)];
        for (var index = 1; index <= sizes.Length; index++)
        {
            var (one, other) = (index <= left.Length ? left[^index] : 1, index <= right.Length ? right[^index] : 1);
            if (one != other && one != 1 && other != 1)
                return null;
            sizes[^index] = one == 1 ? other : one;
        }

        return sizes;
    }
}
