using System.Text;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native.Libtorch;

/// <summary>
/// Calls operators of libtorch by name that TorchSharp does not bind. An error of libtorch is an exception; its message is on stderr.
/// </summary>
/// <remarks>
/// Arguments lie on a stack of 64-bit words in the order of the operator's schema, and results replace them. A tensor and a list are owning
/// handles, which the call consumes: they are made anew for each call. Scalars, in the schema's sense, do not go this way.
/// </remarks>
internal static unsafe class Dispatcher
{
    // Words are encoded as for libtorch 2.10; later versions are told so and convert.
    public const ulong EncodingVersion = (2UL << 56) | (10UL << 48);

    /// <summary>An argument that is not given.</summary>
    public const ulong None = 0;

    /// <summary>Whether the loaded libtorch has the C interface that this needs.</summary>
    public static bool IsAvailable { get; } = LoadedLibraries.Exports("torch_call_dispatcher");

    /// <inheritdoc cref="Call(ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{ulong})"/>
    public static void Call(ReadOnlySpan<byte> name, Span<ulong> stack) => Call(name, "\0"u8, stack);

    /// <param name="name">With namespace, and ending in \0: <c>"aten::_fused_sgd_\0"u8</c>.</param>
    /// <param name="overload">Ending in \0.</param>
    /// <param name="stack">As long as the arguments or the results, whichever are more.</param>
    /// <exception cref="InvalidOperationException">libtorch refused.</exception>
    public static void Call(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, Span<ulong> stack)
    {
        fixed (
            byte* start = name,
                variant = overload
        )
        fixed (ulong* words = stack)
        {
            if (LibtorchApi.CallDispatcher(start, variant, words, EncodingVersion) != 0)
                throw new InvalidOperationException($"libtorch refused {Encoding.ASCII.GetString(name[..^1])}: {Operators.Reason()}");
        }
    }

    public static ulong Word(double value) => BitConverter.DoubleToUInt64Bits(value);

    public static ulong Word(bool value) => value ? 1UL : 0UL;

    /// <summary>
    /// Whether <see cref="Optional"/> works: libtorch frees its cells with C++'s delete, so they must come from C++'s new.
    /// </summary>
    public static bool TakesOptional => OperatorNew != 0;

    private static readonly nint OperatorNew = LoadedLibraries.Export(LibtorchApi.Library, "_Znwm");

    public static ulong Word(Tensor tensor)
    {
        Require(LibtorchApi.NewTensorHandle(tensor.Handle, out var handle));
        return (ulong)handle;
    }

    /// <summary>A tensor where the schema allows none.</summary>
    public static ulong Optional(Tensor tensor)
    {
        var cell = ((delegate* unmanaged<nuint, ulong*>)OperatorNew)(sizeof(ulong));
        *cell = Word(tensor);
        return (ulong)cell;
    }

    /// <summary>About 10 µs for 62 tensors.</summary>
    public static ulong Word(IReadOnlyList<Tensor> tensors)
    {
        Require(LibtorchApi.NewList((nuint)tensors.Count, out var list));
        foreach (var tensor in tensors)
            Require(LibtorchApi.PushBack(list, Word(tensor)));

        return (ulong)list;
    }

    /// <returns>In the caller's dispose scope.</returns>
    /// <exception cref="InvalidOperationException">One has none.</exception>
    public static Tensor[] Gradients(IReadOnlyList<Tensor> parameters) =>
        [
            .. parameters.Select(
                (parameter, index) => parameter.grad ?? throw new InvalidOperationException($"Parameter {index} has no gradient.")
            ),
        ];

    /// <summary>Fused operators walk raw memory: sizes and layouts that differ would be read out of bounds or in the wrong order.</summary>
    /// <exception cref="ArgumentException">The lists do not match.</exception>
    public static void RequireMatch(IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> others, string name)
    {
        if (others.Count != parameters.Count)
            throw new ArgumentException($"{others.Count} tensors for {parameters.Count} parameters.", name);
        for (var index = 0; index < others.Count; index++)
        {
            if (!HaveOneLayout(parameters[index], others[index]))
                throw new ArgumentException($"Tensor {index} has not the shape, type, device and memory layout of its parameter.", name);
        }
    }

    private static bool HaveOneLayout(Tensor parameter, Tensor other) =>
        parameter.numel() == other.numel()
        && parameter.dtype == other.dtype
        && parameter.device_type == other.device_type
        && ((parameter.is_contiguous() && other.is_contiguous()) || HaveOneOrder(parameter, other));

    // The stride of a dimension of one element means nothing.
    private static bool HaveOneOrder(Tensor parameter, Tensor other) =>
        parameter.shape.AsSpan().SequenceEqual(other.shape)
        && parameter
            .shape.Zip(parameter.stride(), other.stride())
            .All(dimension => dimension.First == 1 || dimension.Second == dimension.Third);

    private static void Require(int status)
    {
        if (status != 0)
            throw new InvalidOperationException("libtorch could not hold a tensor (its message is on stderr).");
    }
}
