using TorchSharp;
using static TorchSharp.torch;

namespace TrainHarness.Training.Energy;

/// <summary>Counters of energy that only rise, of a GPU or of processors.</summary>
/// <param name="Covers">
/// Of which kind they are and whose energy they count. Joules with different words here are never divided by each other.
/// </param>
/// <param name="Domains">Each counts another part; the sum is meant.</param>
public sealed record EnergyCounter(string Covers, IReadOnlyList<EnergyDomain> Domains)
{
    private const string PowerCapFolder = "/sys/class/powercap";

    /// <summary>The counter of a device; null where there is none that may be read.</summary>
    public static EnergyCounter? Of(Device device) => Find(device).Counter;

    /// <summary>Likewise, and what was found, in a few words.</summary>
    public static (EnergyCounter? Counter, string Found) Find(Device device) =>
        device.type == DeviceType.CUDA ? Nvml.Find(Math.Max(0, device.index)) : PowerCap.Find(PowerCapFolder);
}

/// <summary>One counter.</summary>
/// <param name="Joules">What it stands at; null where it cannot be read.</param>
/// <param name="Range">Where it begins again at 0, in joules; null for one that does not.</param>
public sealed record EnergyDomain(Func<double?> Joules, double? Range);
