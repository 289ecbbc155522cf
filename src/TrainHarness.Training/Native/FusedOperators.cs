using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Bindings;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// The fused optimizers as C++ functions by their names in libtorch for Linux on x86-64, which take lists as pointers to tensors that nobody counts:
/// some microseconds for all parameters of a network, where the dispatcher's C interface wants each tensor wrapped and unwrapped.
/// </summary>
/// <remarks>
/// An exception in one of them ends the process. So only a call that the dispatcher has taken before is made this way: with the same parameters and
/// memories, and with gradients as libtorch's autograd leaves them, which have their parameter's shape, type, device and, where it is dense, layout.
/// </remarks>
internal static unsafe partial class FusedOperators
{
    private const string SgdSymbol = "_ZN2at4_ops11_fused_sgd_4callEN3c108ArrayRefINS_6TensorEEES5_S5_ddddbbbRKSt8optionalIS4_ES9_";
    private const string AdamWSymbol = "_ZN2at4_ops13_fused_adamw_4callEN3c108ArrayRefINS_6TensorEEES5_S5_S5_S5_S5_dddddbbRKSt8optionalIS4_ES9_";

    // std::optional of a tensor, without one.
    private static readonly void* Nothing = NativeMemory.AllocZeroed(2, (nuint)sizeof(nint));

    private static readonly nint Undefined = ImplementationOfUndefined();

    public static bool AreAvailable { get; } = OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64
        && TorchLibrary.Exports(SgdSymbol)
        && TorchLibrary.Exports(AdamWSymbol)
        && TorchLibrary.Export("c10", MangledFunctions.GradientSymbol) != 0;

    /// <summary>As <see cref="FusedSgd"/>, with the parameters' own gradients.</summary>
    public static void Sgd(
        Tensor[] parameters, Tensor[] buffers, double weightDecay, double momentum, double learningRate, bool nesterov, bool isFirstStep)
    {
        var pointers = stackalloc nint[2 * parameters.Length + buffers.Length];
        nint* gradients = pointers + parameters.Length, remembered = gradients + parameters.Length;
        Fill(pointers, parameters);
        FillGradients(gradients, parameters);
        Fill(remembered, buffers);
        var count = (nuint)parameters.Length;
        Sgd(pointers, count, gradients, count, remembered, (nuint)buffers.Length, weightDecay, momentum, learningRate, 0, Byte(nesterov), 0, Byte(isFirstStep), Nothing, Nothing);
        GC.KeepAlive(parameters);
        GC.KeepAlive(buffers);
    }

    /// <summary>As <see cref="FusedAdamW"/>, with the parameters' own gradients.</summary>
    public static void AdamW(
        Tensor[] parameters, Tensor[] means, Tensor[] squares, Tensor step, double learningRate, double beta1, double beta2, double weightDecay, double epsilon)
    {
        var count = parameters.Length;
        var pointers = stackalloc nint[5 * count];
        nint* gradients = pointers + count, first = gradients + count, second = first + count, steps = second + count;
        Fill(pointers, parameters);
        FillGradients(gradients, parameters);
        Fill(first, means);
        Fill(second, squares);
        new Span<nint>(steps, count).Fill(Implementation(step.Handle));
        var length = (nuint)count;
        AdamW(pointers, length, gradients, length, first, length, second, length, pointers, 0, steps, length, learningRate, beta1, beta2, weightDecay, epsilon, 0, 0, Nothing, Nothing);
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
            LibtorchApi.GetElements(place, out var elements);
            LibtorchApi.GetElements(parameters[index].Handle, out var wanted);
            if (elements != wanted)
                throw new InvalidOperationException($"The gradient of parameter {index} has {elements} elements, not {wanted}.");
        }
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
        nint* parameters, nuint parametersLength, nint* gradients, nuint gradientsLength, nint* buffers, nuint buffersLength,
        double weightDecay, double momentum, double learningRate, double dampening, byte nesterov, byte maximize, byte isFirstStep, void* gradientScale, void* foundInfinity);

    [LibraryImport(LibtorchApi.Library, EntryPoint = AdamWSymbol)]
    private static partial void AdamW(
        nint* parameters, nuint parametersLength, nint* gradients, nuint gradientsLength, nint* means, nuint meansLength, nint* squares, nuint squaresLength,
        nint* largestSquares, nuint largestSquaresLength, nint* steps, nuint stepsLength,
        double learningRate, double beta1, double beta2, double weightDecay, double epsilon, byte amsgrad, byte maximize, void* gradientScale, void* foundInfinity);
}
