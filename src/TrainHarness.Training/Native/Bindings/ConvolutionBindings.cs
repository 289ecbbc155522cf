using System.Runtime.InteropServices;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>Convolutions of one and three dimensions, and transposed ones.</summary>
internal static class ConvolutionBindings
{
    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv1d")]
    public static nint Convolution1(
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
            "aten::conv1d"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            List(padding, paddingCount),
            List(dilation, dilationCount),
            Word(groups)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv3d")]
    public static nint Convolution3(
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
            "aten::conv3d"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            List(padding, paddingCount),
            List(dilation, dilationCount),
            Word(groups)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv1d_padding")]
    public static nint PaddedConvolution1(
        nint input,
        nint weight,
        nint bias,
        nint strides,
        int strideCount,
        int padding,
        nint dilation,
        int dilationCount,
        long groups
    ) =>
        CallOverload(
            "aten::conv1d"u8,
            "padding"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            Padding(padding),
            List(dilation, dilationCount),
            Word(groups)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv2d_padding")]
    public static nint PaddedConvolution2(
        nint input,
        nint weight,
        nint bias,
        nint strides,
        int strideCount,
        int padding,
        nint dilation,
        int dilationCount,
        long groups
    ) =>
        CallOverload(
            "aten::conv2d"u8,
            "padding"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            Padding(padding),
            List(dilation, dilationCount),
            Word(groups)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv_transpose1d")]
    public static nint Transposed1(
        nint input,
        nint weight,
        nint bias,
        nint strides,
        int strideCount,
        nint padding,
        int paddingCount,
        nint outputPadding,
        int outputPaddingCount,
        nint dilation,
        int dilationCount,
        long groups
    ) =>
        Call(
            "aten::conv_transpose1d"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            List(padding, paddingCount),
            List(outputPadding, outputPaddingCount),
            Word(groups),
            List(dilation, dilationCount)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv_transpose2d")]
    public static nint Transposed2(
        nint input,
        nint weight,
        nint bias,
        nint strides,
        int strideCount,
        nint padding,
        int paddingCount,
        nint outputPadding,
        int outputPaddingCount,
        nint dilation,
        int dilationCount,
        long groups
    ) =>
        CallOverload(
            "aten::conv_transpose2d"u8,
            "input"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            List(padding, paddingCount),
            List(outputPadding, outputPaddingCount),
            Word(groups),
            List(dilation, dilationCount)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_conv_transpose3d")]
    public static nint Transposed3(
        nint input,
        nint weight,
        nint bias,
        nint strides,
        int strideCount,
        nint padding,
        int paddingCount,
        nint outputPadding,
        int outputPaddingCount,
        nint dilation,
        int dilationCount,
        long groups
    ) =>
        CallOverload(
            "aten::conv_transpose3d"u8,
            "input"u8,
            Word(input),
            Word(weight),
            WordOrNone(bias),
            List(strides, strideCount),
            List(padding, paddingCount),
            List(outputPadding, outputPaddingCount),
            Word(groups),
            List(dilation, dilationCount)
        );

    // TorchSharp: 0 none, 1 as much as keeps the size.
    private static ulong Padding(int padding) => Text(padding == 0 ? "valid" : "same");
}
