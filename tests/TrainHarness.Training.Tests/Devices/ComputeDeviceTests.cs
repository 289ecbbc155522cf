using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Tests.Engine;

namespace TrainHarness.Training.Tests.Devices;

public sealed class ComputeDeviceTests
{
    private static Study Study => Trials.Plan(threshold: null).Study;

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    public void An_unknown_device_is_one_line_with_what_is_allowed(string name)
    {
        var error = Assert.Throws<ConfigurationException>(() => ComputeDevice.Parse(name));
        Assert.Equal($"--device: unknown device '{name}'; allowed: auto, cpu, cuda, cuda:N.", error.Message);
    }

    [Fact]
    public void Asking_for_a_device_that_is_not_there_is_an_error_and_never_another_device()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "this machine has a CUDA device");
        Assert.Contains(
            "TorchBackend",
            Assert.Throws<ConfigurationException>(() => ComputeDevice.Parse("cuda")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(DeviceType.CPU, ComputeDevice.Parse("auto").type);
    }

    [Fact]
    public void Tf32_on_a_cpu_is_refused_and_what_is_allowed_is_not()
    {
        var error = Assert.Throws<ConfigurationException>(() =>
            ComputeDevice.Require(Study, Trials.Recipe with { Precision = Precision.Tf32 }, torch.CPU)
        );
        Assert.Equal("small: 'precision: tf32' is a mode of NVIDIA GPUs; allowed on cpu: fp32, bf16.", error.Message);
        foreach (var precision in (Precision[])[Precision.Fp32, Precision.Bf16])
            ComputeDevice.Require(Study, Trials.Recipe with { Precision = precision }, torch.CPU);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_deterministic_study_lets_cudnn_time_no_kernels(bool deterministic)
    {
        Assert.SkipUnless(CudnnSettings.IsAvailable, "this libtorch does not show the settings");
        ComputeDevice.Set(Study with { Deterministic = deterministic }, Precision.Fp32);
        Assert.Equal((!deterministic, deterministic), (CudnnSettings.Benchmark, CudnnSettings.Deterministic));
        ComputeDevice.Set(Study, Precision.Fp32);
    }

    [Theory]
    [InlineData(Precision.Fp32, false)]
    [InlineData(Precision.Tf32, true)]
    [InlineData(Precision.Bf16, false)]
    public void Only_tf32_lets_float32_products_round(Precision precision, bool rounds)
    {
        ComputeDevice.Set(Study, precision);
        Assert.Equal((rounds, rounds), (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32));
        ComputeDevice.Set(Study, Precision.Fp32);
    }
}
