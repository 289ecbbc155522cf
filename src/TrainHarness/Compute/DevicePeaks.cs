namespace TrainHarness.Compute;

/// <summary>What one device can do at most, by its maker.</summary>
/// <param name="Device">Model, in the words that a driver's device name holds.</param>
/// <param name="Fp32">FLOP/s in float32 outside the tensor cores; a multiply-add is two.</param>
/// <param name="Tf32">Dense, never the number with sparsity; null where the device has no such mode.</param>
/// <param name="Bf16">Dense with float32 accumulation, likewise.</param>
/// <param name="Source">Where the maker printed it.</param>
public sealed record DevicePeak(string Device, FlopRate Fp32, FlopRate? Tf32, FlopRate? Bf16, string Source)
{
    public FlopRate? At(Precision precision) =>
        precision switch
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
    public static DateOnly AsOf { get; } = new(2026, 11, 29);

    /// <summary>Where a data sheet prints only the rate with sparsity, half of it stands here.</summary>
    public static IReadOnlyList<DevicePeak> All { get; } =
    [
        Row("GB200", 80, 1250, 2500, "NVIDIA Blackwell data sheet (2024), one GPU of the superchip, halved from sparsity"),
        Row("B200", 75, 1100, 2250, "NVIDIA Blackwell data sheet (2024), HGX B200, halved from sparsity"),
        Row("RTX 5090", 104.8, 104.8, 209.5, "NVIDIA RTX Blackwell GPU architecture whitepaper (2025), appendix"),
        Row("H200 NVL", 60, 417.5, 835.5, "NVIDIA H200 data sheet (2024), halved from sparsity"),
        Row("H200", 67, 494.5, 989.5, "NVIDIA H200 data sheet (2024), halved from sparsity"),
        Row("GH200", 67, 494.5, 989.5, "NVIDIA GH200 data sheet (2023), halved from sparsity"),
        Row("H100 NVL", 60, 417.5, 835.5, "NVIDIA H100 data sheet (2024), NVL, halved from sparsity"),
        Row("H100 PCIe", 51, 378, 756.5, "NVIDIA H100 data sheet (2023), PCIe, halved from sparsity"),
        Row("H100", 67, 494.5, 989.5, "NVIDIA H100 data sheet (2023), SXM, halved from sparsity"),
        Row(
            "RTX 6000 Ada Generation",
            91.1,
            182.1,
            364.2,
            "NVIDIA RTX 6000 Ada data sheet (2022), a quarter of its FP8 rate with sparsity"
        ),
        Row("L40S", 91.6, 183, 362, "NVIDIA L40S data sheet (2023)"),
        Row("L40", 90.5, 90.5, 181, "NVIDIA L40 data sheet (2022)"),
        Row("L4", 30.3, 60, 121, "NVIDIA L4 data sheet (2023), halved from sparsity"),
        Row("RTX 4090", 82.6, 82.6, 165.2, "NVIDIA Ada GPU architecture whitepaper (2022), appendix"),
        Row("A100", 19.5, 156, 312, "NVIDIA A100 data sheet (2021)"),
        Row("A40", 37.4, 74.8, 149.7, "NVIDIA A40 data sheet (2021)"),
        Row("A30", 10.3, 82, 165, "NVIDIA A30 data sheet (2021)"),
        Row("A10", 31.2, 62.5, 125, "NVIDIA A10 data sheet (2021)"),
        Row("RTX A6000", 38.7, 77.4, 154.8, "NVIDIA RTX A6000 data sheet (2020), halved from sparsity"),
        Row("RTX 3090", 35.6, 35.6, 71, "NVIDIA Ampere GA102 GPU architecture whitepaper (2020), table 9"),
        Row("RTX 3080", 29.8, 29.8, 59.5, "NVIDIA Ampere GA102 GPU architecture whitepaper (2020), table 2"),
        Row("T4", 8.1, null, null, "NVIDIA T4 data sheet (2019)"),
        Row("TITAN RTX", 16.3, null, null, "NVIDIA TITAN RTX specifications (2018): 4608 cores at 1770 MHz"),
        Row("RTX 2080 Ti", 13.4, null, null, "NVIDIA Turing GPU architecture whitepaper (2018), reference clocks"),
        Row("V100S", 16.4, null, null, "NVIDIA V100 data sheet (2020), V100S PCIe"),
        Row("V100 PCIE", 14, null, null, "NVIDIA V100 data sheet (2020), PCIe"),
        Row("V100", 15.7, null, null, "NVIDIA V100 data sheet (2020), SXM2"),
        Row("TITAN V", 14.9, null, null, "NVIDIA TITAN V specifications (2017): 5120 cores at 1455 MHz"),
        Row("TITAN Xp", 12.1, null, null, "NVIDIA TITAN Xp specifications (2017): 3840 cores at 1582 MHz"),
        Row("GTX 1080 Ti", 11.3, null, null, "NVIDIA GeForce GTX 1080 Ti specifications (2017): 3584 cores at 1582 MHz"),
        Row("GTX 1080", 8.87, null, null, "NVIDIA GeForce GTX 1080 whitepaper (2016)"),
        Row("P100 PCIE", 9.3, null, null, "NVIDIA Tesla P100 data sheet (2016), PCIe"),
        Row("P100", 10.6, null, null, "NVIDIA Tesla P100 data sheet (2016), SXM2"),
        Row("P40", 12, null, null, "NVIDIA Tesla P40 data sheet (2016)"),
        Row("GTX TITAN X", 6.6, null, null, "NVIDIA GeForce GTX TITAN X specifications (2015): 3072 cores at 1075 MHz"),
        // A driver names each of the two GPUs of these boards.
        Row("M60", 4.82, null, null, "NVIDIA Tesla M60 data sheet (2015), half of the board"),
        Row("K80", 4.37, null, null, "NVIDIA Tesla K80 data sheet (2014), half of the board"),
        Row("M40", 7, null, null, "NVIDIA Tesla M40 data sheet (2015)"),
        Row("K40", 4.29, null, null, "NVIDIA Tesla K40 data sheet (2013)"),
        Row("K20Xm", 3.95, null, null, "NVIDIA Tesla K20X data sheet (2012)"),
        Row("GTX 680", 3.09, null, null, "NVIDIA GeForce GTX 680 whitepaper (2012): 1536 cores at 1006 MHz"),
        Row("GTX 580", 1.58, null, null, "NVIDIA GeForce GTX 580 specifications (2010): 512 cores at 1544 MHz"),
    ];

    /// <summary>
    /// The device that a driver names, such as <c>NVIDIA H100 80GB HBM3</c> or <c>Tesla V100-SXM2-16GB</c>; null where it is not listed.
    /// </summary>
    /// <remarks>
    /// A name must hold every word of a row, and besides only words that change no peak: a 3090 Ti is no 3090, a slice of a GPU is no GPU.
    /// A model without its form is the SXM one.
    /// </remarks>
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

    /// <summary>Makers, memory sizes, and the forms whose peaks a row above this one would have told apart.</summary>
    private static bool IsBeside(string word) =>
        word is "nvidia" or "tesla" or "geforce" or "pcie" or "sxm2" or "sxm4" or "sxm5" or "sxm6" or "hbm3" or "hbm3e"
        || (word.EndsWith("gb", StringComparison.Ordinal) && word[..^2].All(char.IsAsciiDigit));
}
