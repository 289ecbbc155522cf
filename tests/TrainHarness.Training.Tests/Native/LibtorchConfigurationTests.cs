using TrainHarness.Training.Native;

namespace TrainHarness.Training.Tests.Native;

public class LibtorchConfigurationTests
{
    [Fact]
    public void The_configuration_names_the_version_that_the_library_gives_by_itself()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Found by its name in libtorch for Linux.");

        Assert.Contains($"TORCH_VERSION={TorchLibrary.Description.Version}", LibtorchConfiguration.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_says_what_computes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Found by its name in libtorch for Linux.");

        Assert.Contains("Math Kernel Library Version", LibtorchConfiguration.Text, StringComparison.Ordinal);
    }
}
