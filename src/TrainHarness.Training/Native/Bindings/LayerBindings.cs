using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>Layers, activations, the loss.</summary>
internal static unsafe class LayerBindings
{
    private const long ConstantPadding = 3;

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv2d")]
    public static nint Convolution(
        nint input,
        nint weight,
        nint bias,
        nint strides,
        int strideCount,
        nint padding,
        int paddingCount,
        nint dilation,
        int dilationCount,
        long groups
    ) =>
        Call(
            "aten::conv2d"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            List(padding, paddingCount),
            List(dilation, dilationCount),
            Word(groups)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSNN_functional_linear")]
    public static nint Linear(nint input, nint weight, nint bias) => Call("aten::linear"u8, Word(input), Word(weight), WordOrNone(bias));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_batch_norm")]
    public static nint BatchNormalisation(
        nint input,
        nint mean,
        nint variance,
        nint weight,
        nint bias,
        byte training,
        double momentum,
        double epsilon
    ) =>
        Call(
            "aten::batch_norm"u8,
            Word(input),
            WordOrNone(weight),
            WordOrNone(bias),
            WordOrNone(mean),
            WordOrNone(variance),
            Flag(training),
            Word(momentum),
            Word(epsilon),
            0
        );

    [UnmanagedCallersOnly(EntryPoint = "THSNN_layer_norm")]
    public static nint LayerNormalisation(nint input, nint sizes, long count, nint weight, nint bias, double epsilon) =>
        Call("aten::layer_norm"u8, Word(input), List(sizes, count), WordOrNone(weight), WordOrNone(bias), Word(epsilon), 1);

    /// <summary>x / (k + α·mean of squares over neighbouring channels)^β, composed as torch.nn.functional composes it.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSNN_local_response_norm")]
    public static nint LocalResponseNormalisation(nint input, long size, double alpha, double beta, double k)
    {
        if (Operators.Sizes(input) is not [var examples, var channels, var height, var width])
            return Fail("local_response_norm: a batch of images (examples × channels × height × width) is needed");
        var squares = CallOverload("aten::mul"u8, "Tensor"u8, Word(input), Word(input));
        squares = Then(squares, s => Call("aten::view"u8, s, List(examples, 1, channels, height, width)));
        squares = Then(squares, s =>
            Call("aten::_pad_enum"u8, s, List(0, 0, 0, 0, size / 2, (size - 1) / 2), Word(ConstantPadding), Present(Word(0.0)))
        );
        squares = Then(squares, s => Call("aten::avg_pool3d"u8, s, List(size, 1, 1), List(1, 1, 1), List(0, 0, 0), 0, 1, Dispatcher.None));
        squares = Then(squares, s => Call("aten::view"u8, s, List(examples, channels, height, width)));
        squares = Then(squares, s => CallOverload("aten::mul"u8, "Tensor"u8, s, Number(alpha, input)));
        if (squares == 0)
            return 0;
        var offset = (nint)Number(k, input);
        var sum = ArithmeticBindings.Sum(squares, offset, ScalarBindings.One, isDifference: false);
        Delete(offset);
        Delete(squares);
        if (sum == 0)
            return 0;
        var exponent = NativeScalar.Of(beta);
        var power = ArithmeticBindings.RaisedTo(sum, exponent);
        NativeMemory.AlignedFree((void*)exponent);
        Delete(sum);
        return Then(power, p => CallOverload("aten::div"u8, "Tensor"u8, Word(input), p));
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_dropout")]
    public static nint Dropout(nint input, double share, byte training, byte inPlace) =>
        inPlace != 0
            ? Call("aten::dropout_"u8, Word(input), Word(share), Flag(training))
            : Call("aten::dropout"u8, Word(input), Word(share), Flag(training));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_scaled_dot_product_attention")]
    public static nint Attention(nint query, nint key, nint value, nint mask, double dropout, byte isCausal) =>
        Call(
            "aten::scaled_dot_product_attention"u8,
            Word(query),
            Word(key),
            Word(value),
            WordOrNone(mask),
            Word(dropout),
            Flag(isCausal),
            Dispatcher.None,
            0
        );

    [UnmanagedCallersOnly(EntryPoint = "THSNN_cross_entropy")]
    public static nint CrossEntropy(nint input, nint target, nint weight, long ignored, byte ignores, long reduction, double smoothing) =>
        Call(
            "aten::cross_entropy_loss"u8,
            Word(input),
            Word(target),
            WordOrNone(weight),
            Word(reduction),
            Word(ignores != 0 ? ignored : -100),
            Word(smoothing)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSNN_pad")]
    public static nint Pad(nint input, nint sizes, int count, byte mode, double value)
    {
        // TorchSharp: 0 zeros, 1 reflect, 2 replicate, 3 circular, 4 constant; libtorch: reflect, replicate, circular, constant.
        var libtorchMode = mode is 1 or 2 or 3 ? mode - 1L : ConstantPadding;
        return Call(
            "aten::_pad_enum"u8,
            Word(input),
            List(sizes, count),
            Word(libtorchMode),
            libtorchMode == ConstantPadding ? Present(Word(value)) : Dispatcher.None
        );
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_affine_grid")]
    public static nint AffineGrid(nint angles, nint sizes, int count, byte alignCorners) =>
        Call("aten::affine_grid_generator"u8, Word(angles), List(sizes, count), Flag(alignCorners));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_grid_sample")]
    public static nint GridSample(nint input, nint grid, byte mode, byte paddingMode, byte alignCorners)
    {
        // TorchSharp: modes 0 nearest, 2 bilinear; padding 0 zeros, 1 reflection, 2 border. libtorch: 0 bilinear, 1 nearest; 0 zeros, 1
        // border, 2 reflection.
        var interpolation = mode == 0 ? 1L : 0L;
        var padding = paddingMode switch
        {
            1 => 2L,
            2 => 1L,
            _ => 0L,
        };
        return Call("aten::grid_sampler"u8, Word(input), Word(grid), Word(interpolation), Word(padding), alignCorners == 1 ? 1UL : 0UL);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_max_pool2d")]
    public static nint MaxPool(
        nint input,
        nint size,
        int sizeCount,
        nint strides,
        int strideCount,
        nint padding,
        int paddingCount,
        nint dilation,
        int dilationCount,
        byte ceiling
    ) =>
        Call(
            "aten::max_pool2d"u8,
            Word(input),
            List(size, sizeCount),
            List(strides, strideCount),
            List(padding, paddingCount),
            List(dilation, dilationCount),
            Flag(ceiling)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_avg_pool2d")]
    public static nint AveragePool(
        nint input,
        nint size,
        int sizeCount,
        nint strides,
        int strideCount,
        nint padding,
        int paddingCount,
        byte ceiling,
        byte countsPadding,
        long divisor
    ) =>
        Call(
            "aten::avg_pool2d"u8,
            Word(input),
            List(size, sizeCount),
            List(strides, strideCount),
            List(padding, paddingCount),
            Flag(ceiling),
            Flag(countsPadding),
            divisor == 0 ? Dispatcher.None : Present(Word(divisor))
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_adaptive_avg_pool2d")]
    public static nint AdaptiveAveragePool(nint input, nint sizes, int count) =>
        Call("aten::adaptive_avg_pool2d"u8, Word(input), List(sizes, count));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_relu")]
    public static nint Relu(nint input) => Call("aten::relu"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_relu_")]
    public static void ReluInPlace(nint input) => Do("aten::relu_"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_relu6")]
    public static nint Relu6(nint input) => Call("aten::relu6"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_silu")]
    public static nint Silu(nint input) => Call("aten::silu"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_sigmoid")]
    public static nint Sigmoid(nint input) => Call("aten::sigmoid"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_tanh")]
    public static nint Tanh(nint input) => Call("aten::tanh"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_hardswish")]
    public static nint Hardswish(nint input) => Call("aten::hardswish"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_hardsigmoid")]
    public static nint Hardsigmoid(nint input) => Call("aten::hardsigmoid"u8, Word(input));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_gelu")]
    public static nint Gelu(nint input) => Call("aten::gelu"u8, Word(input), Text("none"));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_gelu_with_approximate")]
    public static nint Gelu(nint input, nint approximation) =>
        Call("aten::gelu"u8, Word(input), Text(Marshal.PtrToStringUTF8(approximation)!));

    private static nint Then(nint tensor, Func<ulong, nint> next) => tensor == 0 ? 0 : next((ulong)tensor);

    private static ulong Number(double value, nint beside)
    {
        var scalar = NativeScalar.Of(value);
        var operand = ScalarBindings.Operand(scalar, beside);
        NativeMemory.AlignedFree((void*)scalar);
        return operand;
    }
}
