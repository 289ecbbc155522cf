using TorchSharp.Modules;
using TrainHarness.Training.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Architectures;

public class InitialisationTests
{
    [Fact]
    public void ResNets_convolutions_start_as_Kaiming_normal_by_fan_out()
    {
        using var network = Architecture.ResNet18.Build(new(10));

        // 3 × 3 × 512 outputs
        AssertNormal(network.get_parameter("layer4.1.conv2.weight"), Math.Sqrt(2.0 / (9 * 512)));
        AssertNormal(network.get_parameter("conv1.weight"), Math.Sqrt(2.0 / (49 * 64)));
        Assert.All(network.modules().OfType<BatchNorm2d>(), norm => Assert.Equal((1f, 0f), (norm.weight!.min().item<float>(), norm.bias!.abs().max().item<float>())));
    }

    [Theory]
    [InlineData("vgg11", "features.16.weight", 512 * 9, "classifier.6.weight")]
    [InlineData("mobilenet_v2", "features.18.0.weight", 1280, "classifier.1.weight")]
    public void Vgg_and_MobileNetV2_start_as_Kaiming_normal_by_fan_out_with_small_linear_layers(string name, string convolution, int fanOut, string last)
    {
        using var network = ArchitectureCatalog.ByName(name).Build(new(1000));

        AssertNormal(network.get_parameter(convolution), Math.Sqrt(2.0 / fanOut));
        AssertNormal(network.get_parameter(last), 0.01);
    }

    [Fact]
    public void AlexNet_of_2012_starts_as_its_paper_says()
    {
        using var network = Architecture.AlexNet2012.Build(new(1000));

        AssertNormal(network.get_parameter("features.0.weight"), 0.01);
        AssertNormal(network.get_parameter("classifier.3.weight"), 0.01);
        var ones = network.named_parameters().Where(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal) && parameter.parameter.min().item<float>() == 1).Select(parameter => parameter.name);
        Assert.Equal(["features.4.bias", "features.10.bias", "features.12.bias", "classifier.0.bias", "classifier.3.bias"], ones);
    }

    [Theory]
    [InlineData("alexnet", "classifier.1.weight", 9216)]
    [InlineData("shufflenet_v2_x1_0", "conv5.0.weight", 464)]
    public void PyTorchs_default_is_uniform_within_one_over_the_root_of_fan_in(string name, string parameter, int fanIn)
    {
        using var network = ArchitectureCatalog.ByName(name).Build(new(10));

        AssertUniform(network.get_parameter(parameter), 1 / Math.Sqrt(fanIn));
    }

    [Fact]
    public void SqueezeNet_starts_as_Kaiming_uniform_without_biases_and_with_a_small_last_layer()
    {
        using var network = Architecture.SqueezeNet11.Build(new(1000));

        AssertUniform(network.get_parameter("features.12.expand3x3.weight"), Math.Sqrt(6.0 / (64 * 9)));
        AssertNormal(network.get_parameter("classifier.1.weight"), 0.01);
        Assert.All(network.named_parameters().Where(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal)), parameter => Assert.Equal(0, parameter.parameter.abs().max().item<float>()));
    }

    [Theory]
    [InlineData("alexnet", "classifier.1.weight", 9216, "classifier.6.weight")]
    [InlineData("squeezenet1_1", "features.12.expand3x3.weight", 576, "classifier.1.weight")]
    [InlineData("resnet18", "layer4.1.conv2.weight", 4608, "fc.weight")]
    [InlineData("shufflenet_v2_x1_0", "conv5.0.weight", 464, "fc.weight")]
    public void He_is_normal_by_fan_in_with_a_small_last_layer_and_no_biases(string name, string inner, int fanIn, string last)
    {
        using var network = ArchitectureCatalog.ByName(name).Build(new(100));

        Initialisation.He(network);

        AssertNormal(network.get_parameter(inner), Math.Sqrt(2.0 / fanIn));
        AssertNormal(network.get_parameter(last), 0.01);
        Assert.All(network.named_parameters().Where(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal)), parameter => Assert.Equal(0, parameter.parameter.abs().max().item<float>()));
    }

    // The standard deviation within 5 %, and a tail that a uniform distribution lacks.
    private static void AssertNormal(Tensor? weights, double deviation)
    {
        Assert.NotNull(weights);
        using var scope = NewDisposeScope();
        var root = Math.Sqrt(weights.detach().square().mean().item<float>());
        Assert.InRange(root, 0.95 * deviation, 1.05 * deviation);
        Assert.True(weights.detach().abs().max().item<float>() > 2.5 * deviation);
    }

    private static void AssertUniform(Tensor? weights, double bound)
    {
        Assert.NotNull(weights);
        using var scope = NewDisposeScope();
        Assert.InRange(weights.detach().abs().max().item<float>(), 0.99 * bound, 1.0001 * bound);
        Assert.InRange(Math.Sqrt(weights.detach().square().mean().item<float>()), 0.97 * bound / Math.Sqrt(3), 1.03 * bound / Math.Sqrt(3));
    }
}
