using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native.Libtorch;

/// <summary>The libraries of the libtorch that was loaded, and the functions they export.</summary>
internal static class LoadedLibraries
{
    /// <summary>What TorchSharp 0.107 was compiled against, and what the dispatcher bindings are for.</summary>
    public const string Supported = "libtorch 2.10 with the C++11 string ABI or, on Linux on x86-64, a later one";

    private static IReadOnlyDictionary<string, nint>? handles;

    /// <summary>Called once, by what loads libtorch.</summary>
    /// <param name="loaded">Handles by name, without prefix and extension.</param>
    public static void Set(IReadOnlyDictionary<string, nint> loaded) => handles = loaded;

    /// <summary>Whether libtorch has a function of its C interface.</summary>
    public static bool Exports(string symbol) => Export(LibtorchApi.Library, symbol) != 0;

    /// <summary>The address of a function of one of the libraries or, on Linux, of one that it depends on; 0 where there is none.</summary>
    /// <exception cref="InvalidOperationException">Nothing is loaded yet.</exception>
    public static nint Export(string library, string symbol) =>
        (handles ?? throw new InvalidOperationException("libtorch is not loaded; TorchLibrary.Load comes first.")).TryGetValue(
            library,
            out var handle
        ) && NativeLibrary.TryGetExport(handle, symbol, out var address)
            ? address
            : 0;
}
