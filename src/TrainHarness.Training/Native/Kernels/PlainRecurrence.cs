using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Kernels;

/// <summary>
/// Until disposed of, recurrent layers run as the products that they are made of, and not whole in oneDNN or cuDNN, where nobody sees which
/// gradients are computed.
/// </summary>
internal sealed partial class PlainRecurrence : IDisposable
{
    private const string ContextSymbol = "_ZN2at13globalContextEv";
    private const string UsesOneDnnSymbol = "_ZNK2at7Context17userEnabledMkldnnEv";
    private const string UsesCudnnSymbol = "_ZNK2at7Context16userEnabledCuDNNEv";
    private const string SetCudnnSymbol = "_ZN2at7Context19setUserEnabledCuDNNEb";

    private readonly nint context;
    private readonly byte oneDnn;
    private readonly byte cudnn;

    /// <exception cref="NotSupportedException">The loaded libtorch has no such switches.</exception>
    public PlainRecurrence()
    {
        string[] needed = [ContextSymbol, UsesOneDnnSymbol, ContextSwitch.OneDnn, UsesCudnnSymbol, SetCudnnSymbol];
        if (needed.FirstOrDefault(symbol => !LoadedLibraries.Exports(symbol)) is { } missing)
            throw new NotSupportedException($"This libtorch does not show the products of recurrent layers: it lacks {missing}.");
        context = Context();
        (oneDnn, cudnn) = (UsesOneDnn(context), UsesCudnn(context));
        SetOneDnn(context, 0);
        SetCudnn(context, 0);
    }

    public void Dispose()
    {
        SetOneDnn(context, oneDnn);
        SetCudnn(context, cudnn);
    }

    [LibraryImport(LibtorchApi.Library, EntryPoint = ContextSymbol)]
    private static partial nint Context();

    [LibraryImport(LibtorchApi.Library, EntryPoint = UsesOneDnnSymbol)]
    private static partial byte UsesOneDnn(nint context);

    [LibraryImport(LibtorchApi.Library, EntryPoint = ContextSwitch.OneDnn)]
    private static partial void SetOneDnn(nint context, byte on);

    [LibraryImport(LibtorchApi.Library, EntryPoint = UsesCudnnSymbol)]
    private static partial byte UsesCudnn(nint context);

    [LibraryImport(LibtorchApi.Library, EntryPoint = SetCudnnSymbol)]
    private static partial void SetCudnn(nint context, byte on);
}
