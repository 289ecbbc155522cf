using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

/// <summary>Networks at the widths and depths that they were published at.</summary>
public class MultiplierTests
{
    // torchvision/models/mnasnet.py and efficientnet.py: parameters, and multiply-adds in billions, at the size of the published weights.
    [Theory]
    [InlineData("mnasnet1_0", 0.5, 1, 224, 2_218_512, 0.104)]
    [InlineData("mnasnet1_0", 0.75, 1, 224, 3_170_208, 0.215)]
    [InlineData("mnasnet1_0", 1.3, 1, 224, 6_282_256, 0.526)]
    [InlineData("efficientnet_b0", 1.1, 1.2, 288, 9_109_994, 1.088)]
    [InlineData("efficientnet_b0", 1.2, 1.4, 300, 12_233_232, 1.827)]
    public void Are_those_of_torchvision(string name, double width, double depth, int size, long parameters, double billions)
    {
        var (counted, macs) = Of(name, width, depth, size);
        Assert.Equal(parameters, counted);
        Assert.Equal(billions, macs / 1e9, 3);
    }

    // arXiv:1704.04861, table 6 (1.3 and 0.5 million parameters, to three digits by its authors' checkpoints); MobileNetV2 by the
    // table of keras.io/api/applications/mobilenet.
    [Theory]
    [InlineData("mobilenet_v1", 0.5, 149, 1.33)]
    [InlineData("mobilenet_v1", 0.25, 41, 0.47)]
    [InlineData("mobilenet_v2", 0.5, 97, 1.97)]
    [InlineData("mobilenet_v2", 0.75, 209, 2.64)]
    [InlineData("mobilenet_v2", 1.4, 582, 6.11)]
    public void Are_those_of_the_papers(string name, double width, double millions, double parameters)
    {
        var (counted, macs) = Of(name, width, depth: 1, size: 224);
        Assert.Equal(millions, macs / 1e6, 0);
        Assert.Equal(parameters, counted / 1e6, 2);
    }

    [Fact]
    public void A_network_without_a_multiplier_is_refused_with_one() =>
        Assert.Contains(
            "resnet18 has no depth multiplier",
            Assert.Throws<Files.ConfigurationException>(() => Architecture.ResNet18.Require(new NetworkOptions(10) { Depth = 2 })).Message,
            StringComparison.Ordinal
        );

    private static (long Parameters, double Macs) Of(string name, double width, double depth, int size)
    {
        using var scope = NewDisposeScope();
        using var network = ArchitectureCatalog.ByName(name).BuildUnfilled(new(1000, size) { Width = width, Depth = depth });
        network.eval();
        using var example = zeros(1, 3, size, size);
        return (Architecture.Parameters(network), NetworkPricer.PriceForward(network, example).Forward.ToDouble());
    }
}
