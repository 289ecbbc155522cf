using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>
/// The native side of a module. TorchSharp keeps parameters, buffers and children of most in managed code; only whether it trains is kept
/// here, and what libtorch's own classes of layers hold.
/// </summary>
internal static unsafe class ModuleBindings
{
    [UnmanagedCallersOnly(EntryPoint = "THSNN_custom_module")]
    public static nint New(nint name, nint forward, nint* boxed)
    {
        if (boxed is not null)
            *boxed = Make(null);
        return Make(Marshal.PtrToStringUTF8(name));
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Sequential_ctor")]
    public static nint NewSequential() => Make("Sequential");

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_dispose")]
    public static void Dispose(nint module) => Free(module);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_AnyModule_dispose")]
    public static void DisposeBoxed(nint module) => Free(module);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_is_training")]
    public static int IsTraining(nint module) => ((Module*)module)->IsTraining;

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_train")]
    public static void Train(nint module, byte on) => ((Module*)module)->IsTraining = on;

    /// <summary>A copy, which the caller frees.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_name")]
    public static nint Name(nint module) => Marshal.StringToCoTaskMemUTF8(Marshal.PtrToStringUTF8(((Module*)module)->Name));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_to_device")]
    public static void ToDevice(nint module, long deviceType, long deviceIndex, byte asynchronous) =>
        Layer(module)?.Move(null, ((int)deviceType, (int)deviceIndex));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_to_dtype")]
    public static void ToType(nint module, sbyte type, byte asynchronous) => Layer(module)?.Move(type, null);

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_to_device_dtype")]
    public static void ToDeviceAndType(nint module, sbyte type, long deviceType, long deviceIndex, byte asynchronous) =>
        Layer(module)?.Move(type, ((int)deviceType, (int)deviceIndex));

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_zero_grad")]
    public static void ZeroGradients(nint module, byte toNone) { }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_get_named_parameters")]
    public static void Parameters(nint module, delegate* unmanaged<nint, nint*> allocate, delegate* unmanaged<nint, nint*> allocateNames)
    {
        var layer = Layer(module);
        var tensors = allocate(layer?.Tensors.Count ?? 0);
        var names = allocateNames(layer?.Tensors.Count ?? 0);
        for (var index = 0; index < layer?.Tensors.Count; index++)
        {
            tensors[index] = (nint)Operators.Word(layer.Tensors[index]);
            names[index] = Marshal.StringToCoTaskMemUTF8(layer.Names[index]);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "THSNN_Module_get_named_buffers")]
    public static void Buffers(nint module, delegate* unmanaged<nint, nint*> allocate, delegate* unmanaged<nint, nint*> allocateNames)
    {
        allocate(0);
        allocateNames(0);
    }

    /// <summary>A module that libtorch has a class of its own for.</summary>
    /// <param name="layer">Becomes the module's.</param>
    /// <param name="boxed">Where TorchSharp wants a second handle of it.</param>
    internal static nint Of(string name, NativeLayer layer, nint* boxed)
    {
        if (boxed is not null)
            *boxed = Make(null);
        var module = (Module*)Make(name);
        module->Layer = GCHandle.ToIntPtr(GCHandle.Alloc(layer));
        return (nint)module;
    }

    /// <summary>What <see cref="Of"/> was given; null for other modules.</summary>
    internal static NativeLayer? Layer(nint module) =>
        ((Module*)module)->Layer is var layer and not 0 ? (NativeLayer)GCHandle.FromIntPtr(layer).Target! : null;

    internal static bool Trains(nint module) => ((Module*)module)->IsTraining != 0;

    private static nint Make(string? name)
    {
        var module = (Module*)NativeMemory.Alloc((nuint)sizeof(Module));
        *module = new Module { IsTraining = 1, Name = Marshal.StringToCoTaskMemUTF8(name) };
        return (nint)module;
    }

    private static void Free(nint module)
    {
        Layer(module)?.Dispose();
        if (((Module*)module)->Layer is var layer and not 0)
            GCHandle.FromIntPtr(layer).Free();
        Marshal.FreeCoTaskMem(((Module*)module)->Name);
        NativeMemory.Free((void*)module);
    }

    private struct Module
    {
        public nint Name;
        public nint Layer;
        public int IsTraining;
    }
}
