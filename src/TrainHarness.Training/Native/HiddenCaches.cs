using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TrainHarness.Training.Native;

/// <summary>
/// Virtual machines can hide how large the caches of their processor are. oneDNN 3.7, which convolves for libtorch 2.10 on a CPU, cuts its work by
/// them: on an AMD EPYC without any it divides by zero or answers wrongly, by a tenth and without a word. Its kernels for AVX, which take more time,
/// do neither.
/// </summary>
public static class HiddenCaches
{
    /// <summary>oneDNN's own variables, of which the second is its old name; the first limits which instructions it uses.</summary>
    internal static readonly string[] Variables = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

    private const string Kernels = "AVX";
    private const string ContextSymbol = "_ZN2at13globalContextEv";
    private const string SetNnpackSymbol = "_ZN2at7Context20setUserEnabledNNPACKEb";
    private const int MostStandardLeaf = 0;
    private const int IntelCaches = 4;
    private const int MostExtendedLeaf = unchecked((int)0x80000000);
    private const int AmdCaches = unchecked((int)0x8000001D);

    // The last five bits say of what kind the first cache is; 0 is none (AMD64 Architecture Programmer's Manual 3, E.4.15; Intel SDM 2A, CPUID).
    private const int Kind = 0x1F;

    /// <summary>What is said of it to people.</summary>
    public const string Words = "the machine hides its processor's caches, without which oneDNN computes wrong convolutions or crashes; on the CPU it is kept to AVX (ONEDNN_MAX_CPU_ISA), which takes more time";

    /// <summary>The same as a line of its own.</summary>
    public static readonly string Line = $"T{Words[1..]}.";

    /// <summary>Whether this process, or the one that started it, keeps oneDNN to AVX for that reason.</summary>
    public static bool AreAvoided => AreHere && Environment.GetEnvironmentVariable(Variables[0]) == Kernels;

    private static bool AreHere { get; } = X86Base.IsSupported && Are(X86Base.CpuId);

    /// <summary>To be called before libtorch is loaded, and for processes that are started from here. What the user has set stays.</summary>
    public static void Avoid()
    {
        if (AreHere && !IsChosen(Environment.GetEnvironmentVariable))
            Set(Variables[0], Kernels);
    }

    /// <summary>NNPACK, too, convolves for libtorch. It refuses a processor without caches, and libtorch would say so at every convolution.</summary>
    /// <param name="torchCpu">The library, which has the setting for C++ alone; where it has it by another name, such as on Windows, nothing is done.</param>
    internal static unsafe void SwitchNnpackOff(nint torchCpu)
    {
        if (!AreHere || !NativeLibrary.TryGetExport(torchCpu, ContextSymbol, out var context) || !NativeLibrary.TryGetExport(torchCpu, SetNnpackSymbol, out var set))
            return;
        ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), 0);
    }

    /// <summary>Whether the user has said what oneDNN uses.</summary>
    /// <param name="value">Of a variable of the environment.</param>
    internal static bool IsChosen(Func<string, string?> value) => Variables.Any(variable => !string.IsNullOrEmpty(value(variable)));

    private static void Set(string variable, string value)
    {
        Environment.SetEnvironmentVariable(variable, value);
        // .NET keeps an environment of its own, which native code does not see.
        if (OperatingSystem.IsLinux())
            _ = SetForNativeCode(variable, value, 1);
    }

    /// <param name="cpuId">What the processor says of itself, by leaf and subleaf.</param>
    internal static bool Are(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuId)
    {
        var (most, first, _, _) = cpuId(MostStandardLeaf, 0);
        // "Auth" of AuthenticAMD, "Hygo" of HygonGenuine.
        if (first is 0x68747541 or 0x6F677948)
            return unchecked((uint)cpuId(MostExtendedLeaf, 0).Eax < (uint)AmdCaches) || (cpuId(AmdCaches, 0).Eax & Kind) == 0;
        return most < IntelCaches || (cpuId(IntelCaches, 0).Eax & Kind) == 0;
    }

    [DllImport("libc", EntryPoint = "setenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetForNativeCode([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);
}
