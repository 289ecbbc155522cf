using System.Runtime.Intrinsics.X86;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Kernels;

/// <summary>
/// A door for tests and development, and for nothing else: on an AMD processor that shows its caches, this process and oneDNN in it see
/// what they would see on a virtual machine that hides them. oneDNN then convolves as wrongly as there. It is a simulation: seconds
/// measured under it are nobody's.
/// </summary>
public static class SimulatedHiddenCaches
{
    /// <summary>Set to 1, it opens the door.</summary>
    public const string Variable = "TRAINHARNESS_SIMULATE_HIDDEN_CACHES";

    private const int Leaf = unchecked((int)0x8000001D);

    /// <summary>What oneDNN reads from an empty answer.</summary>
    private static readonly int[] OneByteEach = DataCaches.AsRead((_, _) => default);

    /// <summary>Whether the door is open.</summary>
    internal static bool AreOn { get; } = Environment.GetEnvironmentVariable(Variable) == "1" && IsPossible;

    /// <summary>Whether this is a machine on which the simulation does what it should.</summary>
    public static bool IsPossible =>
        OperatingSystem.IsLinux() && X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == HiddenCaches.Amd && !HiddenCaches.Are(X86Base.CpuId);

    /// <summary>The processor's answers, as they would be there.</summary>
    internal static (int Eax, int Ebx, int Ecx, int Edx) CpuId(int leaf, int subleaf) =>
        leaf == Leaf ? default : X86Base.CpuId(leaf, subleaf);

    /// <exception cref="TorchLoadException">The simulation does not work with this libtorch.</exception>
    internal static void Hide(nint torchCpu)
    {
        OneDnnCaches.HaveRead();
        var (family, model) = OneDnnCaches.Processor(X86Base.CpuId);
        var place = OneDnnCaches.Find(torchCpu, DataCaches.AsRead(X86Base.CpuId), family, model);
        if (place == 0)
            throw new TorchLoadException($"{Variable}: oneDNN's sizes of caches are not where they are expected in this libtorch.");
        OneDnnCaches.Write(place, OneByteEach);
    }
}
