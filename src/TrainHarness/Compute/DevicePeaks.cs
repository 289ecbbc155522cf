namespace TrainHarness.Compute;

/// <summary>What one device can do at most, by its maker.</summary>
/// <param name="Device">Model, in the words that a driver's device name holds.</param>
/// <param name="Fp32">FLOP/s in float32 outside the tensor cores; a multiply-add is two.</param>
/// <param name="Tf32">Dense, never the number with sparsity; null where the device has no such mode.</param>
/// <param name="Bf16">Dense with float32 accumulation, likewise.</param>
/// <param name="Source">Where the maker printed it.</param>
public sealed record DevicePeak(string Device, FlopRate Fp32, FlopRate? Tf32, FlopRate? Bf16, string Source)
{
    public FlopRate? At(Precision precision) => precision switch
    {
        Precision.Fp32 => Fp32,
        Precision.Tf32 => Tf32,
        Precision.Bf16 => Bf16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, null),
    };
}

/// <summary>Peak rates of devices from their makers' data sheets, as of <see cref="AsOf"/>. What is not listed is not known.</summary>
public static class DevicePeaks
{
    /// <summary>When the table was last brought up to date.</summary>
    public static DateOnly AsOf { get; } = new(2026, 11, 23);

    /// <summary>Where a data sheet prints only the rate with sparsity, half of it stands here.</summary>
    public static IReadOnlyList<DevicePeak> All { get; } =
    [
        Row("H200 NVL", 60, 417.5, 835.5, "NVIDIA H200 data sheet (2024), halved from sparsity"),
        Row("H200", 67, 494.5, 989.5, "NVIDIA H200 data sheet (2024), halved from sparsity"),
        Row("GH200", 67, 494.5, 989.5, "NVIDIA GH200 data sheet (2023), halved from sparsity"),
        Row("H100 NVL", 60, 417.5, 835.5, "NVIDIA H100 data sheet (2024), NVL, halved from sparsity"),
        Row("H100 PCIe", 51, 378, 756.5, "NVIDIA H100 data sheet (2023), PCIe, halved from sparsity"),
        Row("H100", 67, 494.5, 989.5, "NVIDIA H100 data sheet (2023), SXM, halved from sparsity"),
        Row("A100", 19.5, 156, 312, "NVIDIA A100 data sheet (2021)"),
        Row("A40", 37.4, 74.8, 149.7, "NVIDIA A40 data sheet (2021)"),
        Row("A30", 10.3, 82, 165, "NVIDIA A30 data sheet (2021)"),
        Row("A10", 31.2, 62.5, 125, "NVIDIA A10 data sheet (2021)"),
        Row("L40S", 91.6, 183, 362, "NVIDIA L40S data sheet (2023)"),
        Row("L40", 90.5, 90.5, 181, "NVIDIA L40 data sheet (2022)"),
        Row("L4", 30.3, 60, 121, "NVIDIA L4 data sheet (2023), halved from sparsity"),
        Row("RTX 4090", 82.6, 82.6, 165.2, "NVIDIA Ada GPU architecture whitepaper (2022), appendix"),
        Row("RTX 3090", 35.6, 35.6, 71, "NVIDIA Ampere GA102 GPU architecture whitepaper (2020), table 9"),
        Row("T4", 8.1, null, null, "NVIDIA T4 data sheet (2019)"),
        Row("V100S", 16.4, null, null, "NVIDIA V100 data sheet (2020), V100S PCIe"),
        Row("V100 PCIE", 14, null, null, "NVIDIA V100 data sheet (2020), PCIe"),
        Row("V100", 15.7, null, null, "NVIDIA V100 data sheet (2020), SXM2"),
        Row("P100 PCIE", 9.3, null, null, "NVIDIA Tesla P100 data sheet (2016), PCIe"),
        Row("P100", 10.6, null, null, "NVIDIA Tesla P100 data sheet (2016), SXM2"),
        Row("K40", 4.29, null, null, "NVIDIA Tesla K40 data sheet (2013)"),
        Row("GTX 580", 1.58, null, null, "NVIDIA GeForce GTX 580 specifications (2010): 512 cores at 1544 MHz"),
    ];

    /// <summary>The device that a driver names, such as <c>NVIDIA H100 80GB HBM3</c> or <c>Tesla V100-SXM2-16GB</c>; null where it is not listed.</summary>
    /// <remarks>A name must hold every word of a row, and besides only words that change no peak: a 3090 Ti is no 3090, a slice of a GPU is no GPU. A model without its form is the SXM one.</remarks>
    public static DevicePeak? Find(string deviceName)
    {
        var words = Words(deviceName);
        return All.FirstOrDefault(row => Words(row.Device) is var model && model.IsSubsetOf(words) && words.Except(model).All(IsBeside));
    }

    /// <summary>FLOP/s at a precision; null where the device, or the precision on it, is not listed.</summary>
    public static FlopRate? Find(string deviceName, Precision precision) => Find(deviceName)?.At(precision);

    private static DevicePeak Row(string device, double fp32, double? tf32, double? bf16, string source) =>
        new(device, Tera(fp32), tf32 is { } reduced ? Tera(reduced) : null, bf16 is { } half ? Tera(half) : null, source);

    private static FlopRate Tera(double teraflops) => new(teraflops * 1e12);

    private static HashSet<string> Words(string name) =>
        [.. name.ToLowerInvariant().Split([' ', '-', '_'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Makers, memories, and the forms whose peaks a row above this one would have told apart.</summary>
    private static bool IsBeside(string word) =>
        word is "nvidia" or "tesla" or "geforce" or "pcie" or "sxm2" or "sxm4" or "sxm5" or "hbm3" or "hbm3e"
        || (word.EndsWith("gb", StringComparison.Ordinal) && word[..^2].All(char.IsAsciiDigit));
}
