using System.Runtime.Intrinsics.X86;

namespace TrainHarness.Training.Native.Kernels;

/// <summary>
/// Virtual machines can hide how large the caches of their processor are. oneDNN 3.7, which convolves for libtorch 2.10 on a CPU, cuts its
/// work by them: on an AMD EPYC without any it divides by zero or answers wrongly, by a tenth and without a word. What is done about it is
/// <see cref="ConvolutionKernels"/>.
/// </summary>
public static class HiddenCaches
{
    private const int MaxStandardLeaf = 0;
    private const int IntelCaches = 4;
    private const int MaxExtendedLeaf = unchecked((int)0x80000000);
    private const int AmdCaches = unchecked((int)0x8000001D);

    /// <summary>"Auth" of AuthenticAMD.</summary>
    internal const int Amd = 0x68747541;

    // "Hygo" of HygonGenuine.
    private const int Hygon = 0x6F677948;

    // The last five bits say of what kind the first cache is; 0 is none (AMD64 Architecture Programmer's Manual 3, E.4.15; Intel SDM 2A,
    // CPUID).
    private const int Kind = 0x1F;

    /// <summary>What is said of it to people.</summary>
    public const string Words =
        "the machine hides its processor's caches, without which oneDNN computes some convolutions wrongly or crashes";

    /// <summary>Whether they are, or a simulation says so.</summary>
    public static bool AreHere { get; } = X86Base.IsSupported && Are(CpuId);

    /// <summary>Has oneDNN work with sizes that the caches will have, in place of the single bytes that it read.</summary>
    /// <param name="torchCpu">Any function of the library.</param>
    /// <returns>False where oneDNN cannot be told, such as in a libtorch with another oneDNN.</returns>
    internal static bool Tell(nint torchCpu)
    {
        // Of other vendors oneDNN then guesses by itself.
        if (CpuId(MaxStandardLeaf, 0).Ebx != Amd)
            return false;
        OneDnnCaches.HaveRead();
        var (family, model) = OneDnnCaches.Processor(CpuId);
        var place = OneDnnCaches.Find(torchCpu, DataCaches.AsRead(CpuId), family, model);
        if (place != 0)
            OneDnnCaches.Write(place, DataCaches.Told(CpuId));
        return place != 0;
    }

    /// <summary>
    /// NNPACK, too, convolves for libtorch. It refuses a processor without caches, and libtorch would say so at every convolution.
    /// </summary>
    /// <param name="torchCpu">libtorch_cpu.</param>
    internal static void SwitchNnpackOff(nint torchCpu)
    {
        if (AreHere)
            _ = ContextSwitch.TurnOff(torchCpu, ContextSwitch.Nnpack);
    }

    /// <summary>What the processor says of itself; nothing where it is of another kind.</summary>
    internal static (int Eax, int Ebx, int Ecx, int Edx) CpuId(int leaf, int subleaf) =>
        !X86Base.IsSupported ? default
        : SimulatedHiddenCaches.AreOn ? SimulatedHiddenCaches.CpuId(leaf, subleaf)
        : X86Base.CpuId(leaf, subleaf);

    /// <param name="cpuId">What the processor says of itself, by leaf and subleaf.</param>
    internal static bool Are(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuId)
    {
        var (maxLeaf, first, _, _) = cpuId(MaxStandardLeaf, 0);
        if (first is Amd or Hygon)
            return unchecked((uint)cpuId(MaxExtendedLeaf, 0).Eax < (uint)AmdCaches) || (cpuId(AmdCaches, 0).Eax & Kind) == 0;
        return maxLeaf < IntelCaches || (cpuId(IntelCaches, 0).Eax & Kind) == 0;
    }
}
