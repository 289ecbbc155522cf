using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;
using TrainHarness.Training.Native.Bindings;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Loads libtorch and TorchSharp's native library. Call <see cref="Load"/> before the first touch of <see cref="torch"/>,
/// whose static constructor would look for both by itself and fail on Debian 12.
/// </summary>
public static class TorchLibrary
{
    /// <summary>
    /// Set to <see cref="Dispatching"/>, it has libtorch called by its dispatcher where TorchSharp's native library would fit, too.
    /// </summary>
    internal const string BindingsVariable = "TRAINHARNESS_BINDINGS";

    private const string Dispatching = "dispatcher";
    private const string Chosen = $"{BindingsVariable}={Dispatching}";
    private const string Bindings = "LibTorchSharp";

    // The result and the failure are both kept: whoever asks again gets the same answer.
    private static readonly Lazy<Loaded> Once = new(LoadOnce);

    /// <summary>Which libtorch was loaded; loads it where nobody has.</summary>
    /// <exception cref="TorchLoadException">As <see cref="Load"/>.</exception>
    public static TorchLibraryDescription Description => Once.Value.Description;

    /// <summary>Idempotent and thread-safe.</summary>
    /// <exception cref="TorchLoadException">libtorch is missing, does not load, or has another ABI than TorchSharp expects.</exception>
    public static TorchLibraryDescription Load() => Once.Value.Description;

    /// <summary>Whether the loaded libtorch has a function of its C interface.</summary>
    internal static bool Exports(string symbol) => Export(LibtorchApi.Library, symbol) != 0;

    /// <summary>
    /// The address of a function of one of the loaded libraries or, on Linux, of one that it depends on; 0 where there is none.
    /// </summary>
    internal static nint Export(string library, string symbol)
    {
        Load();
        return LoadedLibraries.Export(library, symbol);
    }

    /// <summary>The handle of what TorchSharp calls: its own native library or <see cref="DispatcherBindings"/>.</summary>
    internal static nint TorchSharp => Once.Value.Handles[Bindings];

    /// <summary>
    /// The functions that TorchSharp's native library takes from libtorch and that this one lacks. One that is called all the same ends the
    /// process. Empty where it cannot be told.
    /// </summary>
    public static IReadOnlyList<string> MissingFunctions() =>
        OperatingSystem.IsLinux() && Description.Misfit is null
            ?
            [
                .. NeededSymbols
                    .Of(File.ReadAllBytes(Once.Value.BindingsFile))
                    .Where(symbol => symbol != CuredLibrary.UncalledSymbol && Export(Bindings, symbol) == 0),
            ]
            : [];

    private static Loaded LoadOnce()
    {
        ConvolutionKernels.ChooseWhereNobodyHas();
        var applicationFolders = LibtorchFolder.ApplicationFolders();
        var shipped = BindingsFile(applicationFolders);
        var folder = LibtorchFolder.Find(Environment.GetEnvironmentVariable(LibtorchFolder.Variable), applicationFolders);
        var handles = folder.LoadAll();
        HiddenCaches.SwitchNnpackOff(handles[LibtorchApi.Library]);
        var version = Version(handles[LibtorchApi.Library]);
        Resolve(handles);
        LoadedLibraries.Set(handles);
        if (version is not null)
            ConvolutionKernels.Apply(
                handles[LibtorchApi.Library],
                NativeLibrary.GetExport(handles[LibtorchApi.Library], "aoti_torch_abi_version")
            );
        var (misfit, cured) = LoadTorchSharp(folder, version, shipped, handles);
        if (misfit is not null)
        {
            var problem = DispatcherBindings.Problem((library, symbol) => NativeLibrary.TryGetExport(handles[library], symbol, out _));
            if (problem is not null)
                throw Refusal(folder, version, misfit == Chosen ? problem : $"{misfit}, and {problem}");
            handles[Bindings] = DispatcherBindings.Load();
        }

        return new Loaded(
            new(version, folder.Path, folder.IsForeign, handles.ContainsKey("torch_cuda") ? "cuda" : "cpu", cured, misfit),
            handles,
            shipped
        );
    }

    /// <returns>
    /// Why TorchSharp's own native library does not fit this libtorch, null where it does; and whether it had to be changed to load.
    /// </returns>
    private static (string? Misfit, bool Cured) LoadTorchSharp(
        LibtorchFolder folder,
        string? version,
        string shipped,
        Dictionary<string, nint> handles
    )
    {
        if (Environment.GetEnvironmentVariable(BindingsVariable) is { Length: > 0 } named)
            return named == Dispatching
                ? (Chosen, false)
                : throw new TorchLoadException($"{BindingsVariable}: '{named}' is not known; allowed: {Dispatching}.");
        if (folder.IsForeign && version is null)
            throw Refusal(folder, version, "it is too old to have a C interface");
        if (
            folder.IsForeign
            && OperatingSystem.IsLinux()
            && StringAbi.Problem(symbol => NativeLibrary.TryGetExport(handles["c10"], symbol, out _)) is { } problem
        )
            return (problem, false);
        try
        {
            (handles[Bindings], var cured) = LoadBindings(folder, shipped);
            return folder.IsForeign && LayoutProbe.Run(handles[Bindings]) is { } mismatch
                ? ($"its tensors lie otherwise in memory: {mismatch}", cured)
                : (null, cured);
        }
        catch (TorchLoadException error) when (folder.IsForeign && error.InnerException is DllNotFoundException)
        {
            return (error.Message.TrimEnd('.'), false);
        }
    }

    private static (nint Handle, bool Cured) LoadBindings(LibtorchFolder folder, string shipped)
    {
        if (NativeLibrary.TryLoad(shipped, out var handle))
            return (handle, false);
        return OperatingSystem.IsLinux()
            ? (LibtorchFolder.Load(CuredLibrary.Of(shipped, folder.LinkedFrom(CuredLibrary.DefaultFolder))), true)
            : (LibtorchFolder.Load(shipped), false);
    }

    private static TorchLoadException Refusal(LibtorchFolder folder, string? version, string problem) =>
        new(
            $"{LibtorchFolder.Variable}: libtorch {version ?? folder.PythonVersion() ?? "of unknown version"} in {folder.Path} cannot "
                + $"be used: {problem}; allowed: {LoadedLibraries.Supported}."
        );

    private static string BindingsFile(IReadOnlyList<string> folders)
    {
        var name = LibtorchFolder.FileName(Bindings);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new TorchLoadException($"{name} is missing beside the program ({AppContext.BaseDirectory}).");
    }

    // TorchSharp's imports ask the first; its static constructor asks by NativeLibrary.TryLoad, which asks the last, and only
    // where nothing was found beside the program.
    private static void Resolve(Dictionary<string, nint> handles)
    {
        nint Find(string name) => handles.GetValueOrDefault(name);
        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => Find(name));
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => Find(name));
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Find(name);
    }

    private static unsafe string? Version(nint torchCpu)
    {
        if (!NativeLibrary.TryGetExport(torchCpu, "aoti_torch_abi_version", out var export))
            return null;
        var version = ((delegate* unmanaged<ulong>)export)();
        return FormattableString.Invariant($"{version >> 56}.{(version >> 48) & 255}.{(version >> 40) & 255}");
    }

    private sealed record Loaded(TorchLibraryDescription Description, Dictionary<string, nint> Handles, string BindingsFile);
}
