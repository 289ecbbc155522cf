using System.Runtime.InteropServices;
using TorchSharp;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Until disposed, operators called from this thread that are safe in bfloat16 compute in it, and convert what they are given; weights and
/// their gradients stay float32. As <c>torch.autocast</c>, which TorchSharp does not bind.
/// </summary>
/// <remarks>
/// C++ functions by their names in libtorch for Linux. None of them throws for a CPU or a CUDA device; an exception would end the process.
/// </remarks>
internal sealed partial class Autocast : IDisposable
{
    private const string SetEnabledSymbol = "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb";
    private const string GetEnabledSymbol = "_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE";
    private const string SetTypeSymbol = "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE";
    private const string GetTypeSymbol = "_ZN2at8autocast18get_autocast_dtypeEN3c1010DeviceTypeE";
    private const string EnterSymbol = "_ZN2at8autocast17increment_nestingEv";
    private const string LeaveSymbol = "_ZN2at8autocast17decrement_nestingEv";
    private const string ClearCacheSymbol = "_ZN2at8autocast11clear_cacheEv";

    // c10::ScalarType::BFloat16
    private const sbyte BFloat16 = 15;

    private static readonly string[] Symbols =
    [
        SetEnabledSymbol,
        GetEnabledSymbol,
        SetTypeSymbol,
        GetTypeSymbol,
        EnterSymbol,
        LeaveSymbol,
        ClearCacheSymbol,
    ];

    private readonly sbyte device;
    private readonly byte enabledBefore;
    private readonly sbyte typeBefore;

    /// <exception cref="ArgumentException">Neither a CPU nor a CUDA device.</exception>
    public Autocast(DeviceType device)
    {
        if (device is not (DeviceType.CPU or DeviceType.CUDA))
            throw new ArgumentException($"No mixed precision on {device}.", nameof(device));
        this.device = (sbyte)device;
        (enabledBefore, typeBefore) = (GetEnabled(this.device), GetType(this.device));
        SetType(this.device, BFloat16);
        SetEnabled(this.device, 1);
        _ = Enter();
    }

    /// <summary>Whether the loaded libtorch has all of it.</summary>
    public static bool IsAvailable { get; } = Symbols.All(TorchLibrary.Exports);

    /// <summary>Whether this thread is inside one, on a device of this kind.</summary>
    public static bool IsOn(DeviceType device) => GetEnabled((sbyte)device) != 0;

    public void Dispose()
    {
        // Converted weights are kept for as long as the outermost scope lasts.
        if (Leave() == 0)
            ClearCache();
        SetEnabled(device, enabledBefore);
        SetType(device, typeBefore);
    }

    // c10::DeviceType and c10::ScalarType are bytes, as is bool.
    [LibraryImport(LibtorchApi.Library, EntryPoint = SetEnabledSymbol)]
    private static partial void SetEnabled(sbyte device, byte enabled);

    [LibraryImport(LibtorchApi.Library, EntryPoint = GetEnabledSymbol)]
    private static partial byte GetEnabled(sbyte device);

    [LibraryImport(LibtorchApi.Library, EntryPoint = SetTypeSymbol)]
    private static partial void SetType(sbyte device, sbyte type);

    [LibraryImport(LibtorchApi.Library, EntryPoint = GetTypeSymbol)]
    private static partial sbyte GetType(sbyte device);

    [LibraryImport(LibtorchApi.Library, EntryPoint = EnterSymbol)]
    private static partial int Enter();

    [LibraryImport(LibtorchApi.Library, EntryPoint = LeaveSymbol)]
    private static partial int Leave();

    [LibraryImport(LibtorchApi.Library, EntryPoint = ClearCacheSymbol)]
    private static partial void ClearCache();
}
