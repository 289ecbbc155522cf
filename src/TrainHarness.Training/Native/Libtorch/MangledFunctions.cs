using System.Reflection;
using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native.Libtorch;

/// <summary>
/// C++ functions of libtorch for Linux on x86-64 by their names, for what its C interface has no word for: a number as the schema's Scalar,
/// a gradient's place, a generator. An exception in one of them ends the process: they are called only with what they cannot refuse.
/// </summary>
/// <remarks>
/// A function that returns a tensor or a pointer that counts writes it where its first argument points (System V ABI for x86-64, 3.2.3).
/// </remarks>
internal static unsafe partial class MangledFunctions
{
    private const string Cpu = LibtorchApi.Library;
    private const string Core = "c10";

    public const string GradientSymbol = "_ZN3c1010TensorImpl12mutable_gradEv";

    /// <summary>All of them, by library.</summary>
    public static IEnumerable<(string Library, string Symbol)> All =>
        typeof(MangledFunctions)
            .GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(method => method.GetCustomAttribute<LibraryImportAttribute>())
            .OfType<LibraryImportAttribute>()
            .Select(import => (import.LibraryName, import.EntryPoint!));

    /// <summary>result ← a + alpha·b</summary>
    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops10add_Tensor4callERKNS_6TensorES4_RKN3c106ScalarE")]
    public static partial nint Add(nint result, nint a, nint b, nint alpha);

    /// <summary>result ← a − alpha·b</summary>
    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops10sub_Tensor4callERKNS_6TensorES4_RKN3c106ScalarE")]
    public static partial nint Subtract(nint result, nint a, nint b, nint alpha);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops11add__Tensor4callERNS_6TensorERKS2_RKN3c106ScalarE")]
    public static partial nint AddInPlace(nint a, nint b, nint alpha);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops11sub__Tensor4callERNS_6TensorERKS2_RKN3c106ScalarE")]
    public static partial nint SubtractInPlace(nint a, nint b, nint alpha);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops17pow_Tensor_Scalar4callERKNS_6TensorERKN3c106ScalarE")]
    public static partial nint Power(nint result, nint a, nint exponent);

    /// <summary>a ← a + value·b·c</summary>
    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops8addcmul_4callERNS_6TensorERKS2_S5_RKN3c106ScalarE")]
    public static partial nint AddProductInPlace(nint a, nint b, nint c, nint value);

    /// <summary>a ← a + value·b/c</summary>
    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops8addcdiv_4callERNS_6TensorERKS2_S5_RKN3c106ScalarE")]
    public static partial nint AddQuotientInPlace(nint a, nint b, nint c, nint value);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at4_ops11norm_Scalar4callERKNS_6TensorERKN3c106ScalarE")]
    public static partial nint Norm(nint result, nint a, nint order);

    /// <param name="implementation">What the tensor points to.</param>
    /// <returns>Where its gradient is: a tensor, perhaps an undefined one.</returns>
    [LibraryImport(Core, EntryPoint = GradientSymbol)]
    public static partial nint Gradient(nint implementation);

    [LibraryImport(Core, EntryPoint = "_ZNK3c1010TensorImpl13requires_gradEv")]
    public static partial byte RequiresGradient(nint implementation);

    /// <returns>A generator, which points to its implementation.</returns>
    [LibraryImport(Cpu, EntryPoint = "_ZN2at6detail22getDefaultCPUGeneratorEv")]
    public static partial nint DefaultGenerator();

    [LibraryImport(Cpu, EntryPoint = "_ZN2at16CPUGeneratorImpl16set_current_seedEm")]
    public static partial void SetSeed(nint implementation, ulong seed);

    /// <param name="result">Gets a tensor's implementation.</param>
    [LibraryImport(Cpu, EntryPoint = "_ZNK2at16CPUGeneratorImpl9get_stateEv")]
    public static partial nint GetState(nint result, nint implementation);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at16CPUGeneratorImpl9set_stateERKN3c1010TensorImplE")]
    public static partial void SetState(nint implementation, nint state);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at13globalContextEv")]
    public static partial nint Context();

    [LibraryImport(Cpu, EntryPoint = "_ZN2at7Context17setAllowTF32CuDNNEb")]
    public static partial void AllowTf32InCudnn(nint context, byte allow);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at7Context18setAllowTF32CuBLASEb")]
    public static partial void AllowTf32InCublas(nint context, byte allow);

    [LibraryImport(Cpu, EntryPoint = "_ZNK2at7Context15allowTF32CuBLASEv")]
    public static partial byte AllowsTf32InCublas(nint context);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at15set_num_threadsEi")]
    public static partial void SetThreads(int threads);

    [LibraryImport(Cpu, EntryPoint = "_ZN2at15get_num_threadsEv")]
    public static partial int GetThreads();

    [LibraryImport(Cpu, EntryPoint = "_ZN5torch4cuda12is_availableEv")]
    public static partial byte HasCuda();

    [LibraryImport(Cpu, EntryPoint = "_ZN5torch4cuda12device_countEv")]
    public static partial nuint CudaDevices();

    [LibraryImport(Cpu, EntryPoint = "_ZN5torch4cuda18cudnn_is_availableEv")]
    public static partial byte HasCudnn();

    [LibraryImport(Cpu, EntryPoint = "_ZN5torch4cuda15manual_seed_allEm")]
    public static partial void SetCudaSeeds(ulong seed);
}
