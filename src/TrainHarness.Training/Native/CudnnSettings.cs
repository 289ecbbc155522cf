using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>
/// How cuDNN chooses its kernels, for the whole process, as <c>torch.backends.cudnn.benchmark</c> and <c>.deterministic</c>, which
/// TorchSharp does not bind. They can be set, and mean nothing, where there is no GPU.
/// </summary>
/// <remarks>C++ functions by their names in libtorch for Linux; they set a flag and cannot throw.</remarks>
internal static partial class CudnnSettings
{
    private const string ContextSymbol = "_ZN2at13globalContextEv";
    private const string SetBenchmarkSymbol = "_ZN2at7Context17setBenchmarkCuDNNEb";
    private const string GetBenchmarkSymbol = "_ZNK2at7Context14benchmarkCuDNNEv";
    private const string SetDeterministicSymbol = "_ZN2at7Context21setDeterministicCuDNNEb";
    private const string GetDeterministicSymbol = "_ZNK2at7Context18deterministicCuDNNEv";

    private static readonly string[] Symbols =
    [
        ContextSymbol,
        SetBenchmarkSymbol,
        GetBenchmarkSymbol,
        SetDeterministicSymbol,
        GetDeterministicSymbol,
    ];

    /// <summary>Whether the loaded libtorch has all of it.</summary>
    public static bool IsAvailable { get; } = Symbols.All(TorchLibrary.Exports);

    /// <summary>Whether cuDNN times its kernels for every new shape and keeps the fastest.</summary>
    public static bool Benchmark
    {
        get => GetBenchmark(Context()) != 0;
        set => SetBenchmark(Context(), value ? (byte)1 : (byte)0);
    }

    /// <summary>Whether cuDNN uses only kernels that give the same bits every time.</summary>
    public static bool Deterministic
    {
        get => GetDeterministic(Context()) != 0;
        set => SetDeterministic(Context(), value ? (byte)1 : (byte)0);
    }

    [LibraryImport(LibtorchApi.Library, EntryPoint = ContextSymbol)]
    private static partial nint Context();

    [LibraryImport(LibtorchApi.Library, EntryPoint = SetBenchmarkSymbol)]
    private static partial void SetBenchmark(nint context, byte value);

    [LibraryImport(LibtorchApi.Library, EntryPoint = GetBenchmarkSymbol)]
    private static partial byte GetBenchmark(nint context);

    [LibraryImport(LibtorchApi.Library, EntryPoint = SetDeterministicSymbol)]
    private static partial void SetDeterministic(nint context, byte value);

    [LibraryImport(LibtorchApi.Library, EntryPoint = GetDeterministicSymbol)]
    private static partial byte GetDeterministic(nint context);
}
