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
    private const string LogLevel = "TORCH_CPP_LOG_LEVEL";
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
        foreach (var (variable, value) in Choice(AreHere, Environment.GetEnvironmentVariable))
            Set(variable, value);
    }

    /// <summary>What is to be set.</summary>
    /// <param name="chosen">What is set already, by variable.</param>
    internal static IEnumerable<(string Variable, string Value)> Choice(bool areHere, Func<string, string?> chosen)
    {
        if (!areHere || Variables.Any(variable => !string.IsNullOrEmpty(chosen(variable))))
            yield break;
        yield return (Variables[0], Kernels);
        // NNPACK refuses such a processor, and libtorch says so at every convolution.
        if (chosen(LogLevel) is null)
            yield return (LogLevel, "ERROR");
    }

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
