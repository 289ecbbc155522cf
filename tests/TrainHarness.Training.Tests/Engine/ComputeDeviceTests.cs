using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Tests.Engine;

public sealed class ComputeDeviceTests
{
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
        Assert.Contains("TorchBackend", Assert.Throws<ConfigurationException>(() => ComputeDevice.Parse("cuda")).Message, StringComparison.Ordinal);
        Assert.Equal(DeviceType.CPU, ComputeDevice.Parse("auto").type);
    }
}
