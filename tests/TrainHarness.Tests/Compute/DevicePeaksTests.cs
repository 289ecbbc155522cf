using TrainHarness.Compute;

namespace TrainHarness.Tests.Compute;

public sealed class DevicePeaksTests
{
    // Peaks of NVIDIA's data sheets without sparsity, under the names that CUDA reports.
    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3", Precision.Bf16, 989.5)]
    [InlineData("NVIDIA H100 80GB HBM3", Precision.Fp32, 67)]
    [InlineData("NVIDIA H100 PCIe", Precision.Tf32, 378)]
    [InlineData("NVIDIA H100 NVL", Precision.Bf16, 835.5)]
    [InlineData("NVIDIA H200", Precision.Tf32, 494.5)]
    [InlineData("NVIDIA A100-SXM4-80GB", Precision.Tf32, 156)]
    [InlineData("NVIDIA A100 80GB PCIe", Precision.Bf16, 312)]
    [InlineData("A100-PCIE-40GB", Precision.Fp32, 19.5)]
    [InlineData("Tesla V100-SXM2-16GB", Precision.Fp32, 15.7)]
    [InlineData("Tesla V100-PCIE-32GB", Precision.Fp32, 14)]
    [InlineData("Tesla T4", Precision.Fp32, 8.1)]
    [InlineData("NVIDIA L4", Precision.Bf16, 121)]
    [InlineData("NVIDIA L40S", Precision.Tf32, 183)]
    [InlineData("NVIDIA A10", Precision.Bf16, 125)]
    [InlineData("NVIDIA GeForce RTX 3090", Precision.Bf16, 71)]
    [InlineData("NVIDIA GeForce RTX 4090", Precision.Bf16, 165.2)]
    [InlineData("NVIDIA B200", Precision.Bf16, 2250)]
    [InlineData("NVIDIA B200", Precision.Fp32, 75)]
    [InlineData("NVIDIA GB200", Precision.Tf32, 1250)]
    [InlineData("NVIDIA RTX A6000", Precision.Bf16, 154.8)]
    [InlineData("NVIDIA RTX 6000 Ada Generation", Precision.Fp32, 91.1)]
    [InlineData("NVIDIA GeForce RTX 2080 Ti", Precision.Fp32, 13.4)]
    [InlineData("NVIDIA TITAN V", Precision.Fp32, 14.9)]
    [InlineData("NVIDIA GeForce GTX TITAN X", Precision.Fp32, 6.6)]
    [InlineData("Tesla K80", Precision.Fp32, 4.37)]
    [InlineData("Tesla M60", Precision.Fp32, 4.82)]
    [InlineData("GeForce GTX 580", Precision.Fp32, 1.58)]
    public void A_device_that_CUDA_names_has_the_dense_peak_of_its_data_sheet(string name, Precision precision, double teraflops) =>
        Assert.Equal(teraflops * 1e12, DevicePeaks.Find(name, precision)!.Value.PerSecond, 1e6);

    [Theory]
    [InlineData("AMD EPYC")]
    [InlineData("NVIDIA GeForce RTX 3090 Ti")]
    [InlineData("NVIDIA GeForce RTX 4090 Laptop GPU")]
    [InlineData("NVIDIA A10G")]
    [InlineData("NVIDIA H20")]
    [InlineData("NVIDIA A100-SXM4-40GB MIG 3g.20gb")]
    [InlineData("")]
    public void Another_model_a_slice_and_an_unknown_device_have_no_peak(string name) => Assert.Null(DevicePeaks.Find(name));

    [Fact]
    public void A_precision_that_a_device_lacks_has_no_peak()
    {
        Assert.Null(DevicePeaks.Find("Tesla T4", Precision.Bf16));
        Assert.Null(DevicePeaks.Find("Tesla V100-SXM2-16GB", Precision.Tf32));
    }

    // Cores × clock × 2 operations, where a maker prints no rate.
    [Theory]
    [InlineData("TITAN RTX", 4608, 1770)]
    [InlineData("TITAN V", 5120, 1455)]
    [InlineData("TITAN Xp", 3840, 1582)]
    [InlineData("GTX 1080 Ti", 3584, 1582)]
    [InlineData("GTX TITAN X", 3072, 1075)]
    [InlineData("GTX 680", 1536, 1006)]
    [InlineData("GTX 580", 512, 1544)]
    public void A_peak_without_a_printed_rate_is_that_of_its_cores(string device, int cores, double megahertz) =>
        Assert.Equal(2e6 * cores * megahertz, DevicePeaks.Find(device)!.Fp32.PerSecond, 0.005 * 2e6 * cores * megahertz);

    [Fact]
    public void Every_row_names_its_source_and_finds_itself() => Assert.All(DevicePeaks.All, row =>
        {
            Assert.Matches(@"\(20\d\d\)", row.Source);
            Assert.Equal(row, DevicePeaks.Find("NVIDIA " + row.Device));
        });
}
