using System.Reflection;
using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>
/// Stands in for TorchSharp's native library on a libtorch that it was not compiled for: the same names, by way of libtorch's stable C
/// interface. TorchSharp's managed code, and with it every architecture and the training loop, stays as it is.
/// </summary>
/// <remarks>
/// What TorchSharp compiled in (where a tensor's fields lie, which changes between versions) is asked of libtorch instead. Only the
/// functions that this program calls are there: another one is an <see cref="EntryPointNotFoundException"/> that names it.
/// </remarks>
internal static unsafe partial class DispatcherBindings
{
    private static readonly Type[] Parts =
    [
        typeof(ArithmeticBindings),
        typeof(AttentionBindings),
        typeof(ConvolutionBindings),
        typeof(CreationBindings),
        typeof(EmbeddingBindings),
        typeof(InitialisationBindings),
        typeof(LayerBindings),
        typeof(ModuleBindings),
        typeof(RandomBindings),
        typeof(RecurrentBindings),
        typeof(RecurrentCellBindings),
        typeof(ScalarBindings),
        typeof(SequenceBindings),
        typeof(SettingBindings),
        typeof(ShapeBindings),
        typeof(TensorBindings),
    ];

    private static readonly string[] Needed =
    [
        "torch_call_dispatcher",
        "torch_list_get_item",
        "torch_new_string_handle",
        "torch_set_requires_grad",
        "aoti_torch_is_defined",
        "aoti_torch_new_uninitialized_tensor",
        "_Znwm",
    ];

    /// <summary>Why they cannot be used; null where they can.</summary>
    /// <param name="exports">Whether a library of the loaded libtorch has a function.</param>
    public static string? Problem(Func<string, string, bool> exports)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            return "calling it by its dispatcher is for Linux on x86-64";
        string[] missing =
        [
            .. Needed.Where(symbol => !exports(LibtorchApi.Library, symbol)),
            .. MangledFunctions.All.Where(function => !exports(function.Library, function.Symbol)).Select(function => function.Symbol),
        ];
        return missing.Length > 0 ? $"its dispatcher cannot be called: it lacks {string.Join(", ", missing)}" : null;
    }

    /// <summary>Makes the library of names in memory, loads it and leads each name to its function.</summary>
    /// <returns>The handle.</returns>
    /// <exception cref="TorchLoadException">The system does not load it.</exception>
    public static nint Load()
    {
        var functions = Functions();
        var library = LoadFromMemory(StubLibrary.Image([.. functions.Keys]));
        var table = (nint*)NativeLibrary.GetExport(library, StubLibrary.Table);
        foreach (var (index, function) in functions.Values.Index())
            table[index] = function.MethodHandle.GetFunctionPointer();
        return library;
    }

    /// <summary>By the name that TorchSharp calls.</summary>
    internal static SortedDictionary<string, MethodInfo> Functions()
    {
        var functions = new SortedDictionary<string, MethodInfo>(StringComparer.Ordinal);
        foreach (var method in Parts.SelectMany(part => part.GetMethods(BindingFlags.Static | BindingFlags.Public)))
        {
            if (method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>() is { EntryPoint: { } name })
                functions.Add(name, method);
        }

        return functions;
    }

    private static nint LoadFromMemory(byte[] image)
    {
        using var file = new MemoryFile("trainharness-bindings");
        file.Write(image);
        return LibtorchFolder.Load(file.Path);
    }
}
