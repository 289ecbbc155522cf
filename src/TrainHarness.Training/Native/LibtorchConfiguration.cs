using System.Runtime.InteropServices;
using System.Text;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>
/// How the loaded libtorch was built and what it computes with, as <c>torch.__config__.show()</c>, which TorchSharp does not bind.
/// </summary>
public static unsafe partial class LibtorchConfiguration
{
    // std::string at::show_config(), by its name in libtorch for Linux with the C++11 string ABI, which is all that is loaded there
    private const string ShowSymbol = "_ZN2at11show_configB5cxx11Ev";

    // What a string that is returned by value takes: begin, length, and room for short ones.
    private const int StringBytes = 32;

    /// <summary>Null where the library does not tell.</summary>
    public static string? Text { get; } = TorchLibrary.Exports(ShowSymbol) ? Read() : null;

    // The string's memory is libtorch's to free and is not freed: a few kB, once.
    private static string Read()
    {
        var words = stackalloc byte[StringBytes];
        _ = Show(words);
        return Encoding.UTF8.GetString(*(byte**)words, (int)*(long*)(words + sizeof(nint)));
    }

    // A class that is returned by value is written to where a hidden first argument points.
    [LibraryImport(LibtorchApi.Library, EntryPoint = ShowSymbol)]
    private static partial nint Show(byte* result);
}
