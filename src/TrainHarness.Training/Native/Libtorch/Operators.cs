using System.Runtime.InteropServices;
using System.Text;

namespace TrainHarness.Training.Native.Libtorch;

/// <summary>Calls of libtorch's operators by name from functions that native code calls and that must not throw.</summary>
/// <remarks>
/// A failure is kept for whoever asks next on this thread, as TorchSharp does after each call. Words are as in <see cref="Dispatcher"/>;
/// each is used up by one call.
/// </remarks>
internal static unsafe class Operators
{
    /// <summary>What is said where libtorch makes no tensor: by its C interface older versions do not say why.</summary>
    public const string NoMemory = "libtorch gave no memory for a tensor";

    private static readonly nint OperatorNew = LoadedLibraries.Export(LibtorchApi.Library, "_Znwm");
    private static readonly nint WhatWentWrong = LoadedLibraries.Export(LibtorchApi.Library, "torch_exception_get_what_without_backtrace");

    [ThreadStatic]
    private static string? failure;

    /// <summary>Calls an operator without overloads in its name.</summary>
    /// <param name="stack">As long as the arguments or the results, whichever are more.</param>
    /// <returns>The first result, which the caller owns; 0 after a failure.</returns>
    public static nint Call(ReadOnlySpan<byte> name, params Span<ulong> stack) => CallOverload(name, ""u8, stack);

    /// <inheritdoc cref="Call"/>
    // A u8 literal has a zero behind its last byte.
    public static nint CallOverload(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, params Span<ulong> stack) =>
        TryCall(name, overload, stack) ? (nint)stack[0] : 0;

    /// <summary>Calls an operator that changes its first argument and gives it back.</summary>
    /// <returns>Whether it could.</returns>
    public static bool Do(ReadOnlySpan<byte> name, params Span<ulong> stack) => DoOverload(name, ""u8, stack);

    /// <inheritdoc cref="Do"/>
    public static bool DoOverload(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, params Span<ulong> stack)
    {
        var changed = CallOverload(name, overload, stack);
        Delete(changed);
        return changed != 0;
    }

    /// <summary>Calls an operator with several results or none.</summary>
    public static bool TryCall(ReadOnlySpan<byte> name, ReadOnlySpan<byte> overload, Span<ulong> stack)
    {
        // An argument that could not be made.
        if (failure is not null)
            return false;
        fixed (
            byte* operation = name,
                variant = overload
        )
        {
            byte nothing = 0;
            fixed (ulong* words = stack)
            {
                if (LibtorchApi.CallDispatcher(operation, overload.IsEmpty ? &nothing : variant, words, Dispatcher.EncodingVersion) == 0)
                    return true;
            }
        }

        Fail($"libtorch refused {Encoding.ASCII.GetString(name)}: {Reason()}");
        return false;
    }

    /// <summary>Keeps what went wrong.</summary>
    /// <returns>0</returns>
    public static nint Fail(string problem)
    {
        failure = problem;
        return 0;
    }

    /// <summary>Keeps it where a function of the C interface that has no reason to fail did.</summary>
    public static void Check(int status)
    {
        if (status != 0)
            Fail($"libtorch's C interface failed: {Reason()}");
    }

    /// <summary>What went wrong last on this thread; null where nothing did since the last time.</summary>
    public static string? TakeFailure()
    {
        var taken = failure;
        failure = null;
        return taken;
    }

    public static ulong Word(nint tensor)
    {
        LibtorchApi.NewTensorHandle(tensor, out var handle);
        return (ulong)handle;
    }

    public static ulong WordOrNone(nint tensor) => tensor == 0 ? Dispatcher.None : Present(Word(tensor));

    public static ulong Word(long value) => unchecked((ulong)value);

    public static ulong Word(double value) => BitConverter.DoubleToUInt64Bits(value);

    public static ulong Flag(byte value) => value != 0 ? 1UL : 0UL;

    /// <summary>An argument that may be absent and is not.</summary>
    public static ulong Present(ulong word)
    {
        var cell = ((delegate* unmanaged<nuint, ulong*>)OperatorNew)(sizeof(ulong));
        *cell = word;
        return (ulong)cell;
    }

    /// <summary>A list of whole numbers.</summary>
    public static ulong List(nint values, long count) => List(new ReadOnlySpan<long>((void*)values, (int)count));

    /// <inheritdoc cref="List(nint, long)"/>
    public static ulong List(params ReadOnlySpan<long> values)
    {
        LibtorchApi.NewList((nuint)values.Length, out var list);
        foreach (var value in values)
            Check(LibtorchApi.PushBack(list, Word(value)));
        return (ulong)list;
    }

    /// <summary>A list of tensors.</summary>
    public static ulong TensorList(nint tensors, int count)
    {
        LibtorchApi.NewList((nuint)count, out var list);
        foreach (var tensor in new ReadOnlySpan<nint>((void*)tensors, count))
            Check(LibtorchApi.PushBack(list, Word(tensor)));
        return (ulong)list;
    }

    public static ulong Text(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        fixed (byte* start = bytes)
        {
            LibtorchApi.NewString(start, (nuint)bytes.Length, out var handle);
            return (ulong)handle;
        }
    }

    /// <summary>Hands out a list of tensors that a call gave.</summary>
    public static void Deliver(ulong list, delegate* unmanaged<nint, nint*> allocate)
    {
        LibtorchApi.GetListSize((nint)list, out var count);
        var array = allocate((nint)count);
        for (nuint index = 0; index < count; index++)
        {
            LibtorchApi.GetListItem((nint)list, index, out var word);
            array[index] = (nint)word;
        }

        Check(LibtorchApi.DeleteList((nint)list));
    }

    public static void Delete(nint tensor)
    {
        if (tensor != 0)
            Check(LibtorchApi.DeleteTensor(tensor));
    }

    /// <summary>What a tensor points to.</summary>
    public static nint Implementation(nint tensor) => *(nint*)tensor;

    /// <summary>A tensor that is undefined, to be written over.</summary>
    public static nint Undefined()
    {
        LibtorchApi.NewUndefinedTensor(out var tensor);
        return tensor;
    }

    public static int Type(nint tensor)
    {
        LibtorchApi.GetType(tensor, out var type);
        return type;
    }

    public static (int Type, int Index) Device(nint tensor)
    {
        LibtorchApi.GetDeviceType(tensor, out var type);
        LibtorchApi.GetDeviceIndex(tensor, out var index);
        return (type, index);
    }

    public static ReadOnlySpan<long> Sizes(nint tensor)
    {
        LibtorchApi.GetDimensions(tensor, out var dimensions);
        LibtorchApi.GetSizes(tensor, out var sizes);
        return new ReadOnlySpan<long>(sizes, (int)dimensions);
    }

    /// <summary>A new tensor with whatever was in the memory.</summary>
    /// <returns>0 after a failure.</returns>
    public static nint Empty(ReadOnlySpan<long> sizes, int type, int deviceType, int deviceIndex)
    {
        if (failure is not null)
            return 0;
        Span<long> strides = stackalloc long[sizes.Length];
        var stride = 1L;
        for (var dimension = sizes.Length - 1; dimension >= 0; dimension--)
        {
            strides[dimension] = stride;
            stride *= Math.Max(1, sizes[dimension]);
        }

        fixed (
            long* size = sizes,
                step = strides
        )
        {
            return LibtorchApi.EmptyStrided(sizes.Length, size, step, type, deviceType, Math.Max(0, deviceIndex), out var tensor) == 0
                ? tensor
                : Fail($"{NoMemory}: {Reason()}");
        }
    }

    /// <summary>What libtorch said last, where it tells.</summary>
    public static string Reason() =>
        WhatWentWrong != 0
            ? Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)WhatWentWrong)())?.Trim() ?? ""
            : "its message is on stderr.";
}
