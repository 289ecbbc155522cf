using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// The fused optimizers as C++ functions by their names in libtorch for Linux on x86-64, which take lists as pointers to tensors that
/// nobody counts: some microseconds for all parameters of a network, where the dispatcher's C interface wants each tensor wrapped and
/// unwrapped.
/// </summary>
/// <remarks>
/// An exception in one of them ends the process. So only a call that the dispatcher has taken before is made this way, with the same
/// parameters and state, and gradients are compared with their parameters each time. A GPU that has failed before ends the process here
/// too; nothing can be computed on it any more.
/// </remarks>
internal static unsafe partial class FusedOperators
{
    private const string SgdSymbol = "_ZN2at4_ops11_fused_sgd_4callEN3c108ArrayRefINS_6TensorEEES5_S5_ddddbbbRKSt8optionalIS4_ES9_";
    private const string AdamWSymbol =
        "_ZN2at4_ops13_fused_adamw_4callEN3c108ArrayRefINS_6TensorEEES5_S5_S5_S5_S5_dddddbbRKSt8optionalIS4_ES9_";

    // std::optional of a tensor, without one.
    private static readonly void* Nothing = NativeMemory.AllocZeroed(2, (nuint)sizeof(nint));

    private static readonly nint Undefined = ImplementationOfUndefined();

    public static bool AreAvailable { get; } =
        OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64
        && TorchLibrary.Exports(SgdSymbol)
        && TorchLibrary.Exports(AdamWSymbol)
        && TorchLibrary.Export("c10", MangledFunctions.GradientSymbol) != 0;

    /// <summary>As <see cref="FusedSgd"/>, with the parameters' own gradients.</summary>
    public static void Sgd(
        Tensor[] parameters,
        Tensor[] buffers,
        double weightDecay,
        double momentum,
        double learningRate,
        bool nesterov,
        bool isFirstStep
    )
    {
        var pointers = stackalloc nint[2 * parameters.Length + buffers.Length];
        nint* gradients = pointers + parameters.Length,
            remembered = gradients + parameters.Length;
        Fill(pointers, parameters);
        FillGradients(gradients, parameters);
        Fill(remembered, buffers);
        var count = (nuint)parameters.Length;
        Sgd(
            pointers,
            count,
            gradients,
            count,
            remembered,
            (nuint)buffers.Length,
            weightDecay,
            momentum,
            learningRate,
            0,
            Byte(nesterov),
            0,
            Byte(isFirstStep),
            Nothing,
            Nothing
        );
        GC.KeepAlive(parameters);
        GC.KeepAlive(buffers);
    }

    /// <summary>As <see cref="FusedAdamW"/>, with the parameters' own gradients.</summary>
    public static void AdamW(
        Tensor[] parameters,
        Tensor[] means,
        Tensor[] squares,
        Tensor step,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        double epsilon
    )
    {
        var count = parameters.Length;
        var pointers = stackalloc nint[5 * count];
        nint* gradients = pointers + count,
            first = gradients + count,
            second = first + count,
            steps = second + count;
        Fill(pointers, parameters);
        FillGradients(gradients, parameters);
        Fill(first, means);
        Fill(second, squares);
        new Span<nint>(steps, count).Fill(Implementation(step.Handle));
        var length = (nuint)count;
        AdamW(
            pointers,
            length,
            gradients,
            length,
            first,
            length,
            second,
            length,
            pointers,
            0,
            steps,
            length,
            learningRate,
            beta1,
            beta2,
            weightDecay,
            epsilon,
            0,
            0,
            Nothing,
            Nothing
        );
        GC.KeepAlive(parameters);
        GC.KeepAlive(means);
        GC.KeepAlive(squares);
        GC.KeepAlive(step);
    }

    private static void Fill(nint* pointers, Tensor[] tensors)
    {
        for (var index = 0; index < tensors.Length; index++)
            pointers[index] = Implementation(tensors[index].Handle);
    }

    private static void FillGradients(nint* pointers, Tensor[] parameters)
    {
        for (var index = 0; index < parameters.Length; index++)
        {
            var place = MangledFunctions.Gradient(Implementation(parameters[index].Handle));
            pointers[index] = Implementation(place);
            if (pointers[index] == Undefined)
                throw new InvalidOperationException($"Parameter {index} has no gradient.");
            if (!AreAlike(place, parameters[index].Handle))
                throw new ArgumentException(
                    $"Tensor {index} has not the shape, type, device and memory layout of its parameter.",
                    nameof(parameters)
                );
        }
    }

    private static bool AreAlike(nint one, nint other)
    {
        LibtorchApi.GetType(one, out var type);
        LibtorchApi.GetType(other, out var otherType);
        LibtorchApi.GetDeviceType(one, out var device);
        LibtorchApi.GetDeviceType(other, out var otherDevice);
        LibtorchApi.GetDimensions(one, out var dimensions);
        LibtorchApi.GetDimensions(other, out var otherDimensions);
        if ((type, device, dimensions) != (otherType, otherDevice, otherDimensions))
            return false;
        LibtorchApi.GetSizes(one, out var sizes);
        LibtorchApi.GetSizes(other, out var otherSizes);
        LibtorchApi.GetStrides(one, out var strides);
        LibtorchApi.GetStrides(other, out var otherStrides);
        for (var dimension = 0; dimension < dimensions; dimension++)
        {
            // The stride of a dimension of one element means nothing.
            if (sizes[dimension] != otherSizes[dimension] || (sizes[dimension] > 1 && strides[dimension] != otherStrides[dimension]))
                return false;
        }

        return true;
    }

    // A tensor is a pointer to what it is.
    private static nint Implementation(nint tensor) => *(nint*)tensor;

    private static nint ImplementationOfUndefined()
    {
        LibtorchApi.NewUndefinedTensor(out var tensor);
        var implementation = Implementation(tensor);
        _ = LibtorchApi.DeleteTensor(tensor);
        return implementation;
    }

    private static byte Byte(bool value) => value ? (byte)1 : (byte)0;

    // A list is a pointer and a length, which go where two arguments would (System V ABI for x86-64, 3.2.3).
    [LibraryImport(LibtorchApi.Library, EntryPoint = SgdSymbol)]
    private static partial void Sgd(
        nint* parameters,
        nuint parametersLength,
        nint* gradients,
        nuint gradientsLength,
        nint* buffers,
        nuint buffersLength,
        double weightDecay,
        double momentum,
        double learningRate,
        double dampening,
        byte nesterov,
        byte maximize,
        byte isFirstStep,
        void* gradientScale,
        void* foundInfinity
    );

    [LibraryImport(LibtorchApi.Library, EntryPoint = AdamWSymbol)]
    private static partial void AdamW(
        nint* parameters,
        nuint parametersLength,
        nint* gradients,
        nuint gradientsLength,
        nint* means,
        nuint meansLength,
        nint* squares,
        nuint squaresLength,
        nint* largestSquares,
        nuint largestSquaresLength,
        nint* steps,
        nuint stepsLength,
        double learningRate,
        double beta1,
        double beta2,
        double weightDecay,
        double epsilon,
        byte amsgrad,
        byte maximize,
        void* gradientScale,
        void* foundInfinity
    );
}
