using System.Globalization;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Architectures;

public class ArchitectureTests
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Published = ReferenceTable.Read("architectures.csv");

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_and_date_are_those_published(string name)
    {
        var architecture = ArchitectureCatalog.ByName(name);
        using var network = architecture.Build(new(1000));

        Assert.Equal(Published[name]["parameters"], network.parameters().Sum(parameter => parameter.numel()).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(Published[name]["published"], architecture.Published.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal(network.modules().Any(module => module is BatchNorm2d), architecture.HasBatchNormalisation);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_smallest_image_trains_and_a_smaller_one_does_not(string name)
    {
        var architecture = ArchitectureCatalog.ByName(name);
        using var scope = NewDisposeScope();
        using var network = architecture.Build(new(10, architecture.MinimumImageSize));
        network.train();

        Assert.Equal([2, 10], Forward(network, architecture.MinimumImageSize).shape);
        Assert.ThrowsAny<Exception>(() => Forward(network, architecture.MinimumImageSize - 1));
    }

    [Fact]
    public void An_image_that_is_too_small_is_refused_with_the_minimum()
    {
        Architecture.AlexNet.Require(new(10, 63));

        var exception = Assert.Throws<ConfigurationException>(() => Architecture.AlexNet.Require(new(10, 62)));

        Assert.Equal("alexnet cannot take images of 62 pixels; allowed: 63 or more.", exception.Message);
    }

    [Theory]
    [InlineData("alexnet", "features.0.weight", "features.10.bias", "classifier.1.weight", "classifier.6.bias")]
    [InlineData("resnet18", "conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight", "layer2.0.downsample.1.num_batches_tracked", "layer4.1.bn2.bias", "fc.bias")]
    [InlineData("squeezenet1_1", "features.0.weight", "features.3.squeeze.weight", "features.12.expand3x3.bias", "classifier.1.weight")]
    [InlineData("shufflenet_v2_x1_0", "conv1.0.weight", "stage2.0.branch1.0.weight", "stage4.3.branch2.5.weight", "conv5.1.running_mean", "fc.weight")]
    [InlineData("vgg11", "features.0.weight", "features.18.bias", "classifier.0.weight", "classifier.6.bias")]
    [InlineData("resnet50", "layer1.0.conv3.weight", "layer1.0.downsample.0.weight", "layer4.2.bn3.running_var", "fc.weight")]
    [InlineData("mobilenet_v2", "features.0.0.weight", "features.1.conv.0.0.weight", "features.2.conv.3.running_mean", "features.18.1.weight", "classifier.1.bias")]
    public void Checkpoint_keys_are_torchvisions(string name, params string[] keys)
    {
        using var network = ArchitectureCatalog.ByName(name).Build(new(10));
        var state = network.state_dict();

        Assert.All(keys, key => Assert.True(state.ContainsKey(key), key));
    }

    [Theory]
    [InlineData("alexnet", 16)]
    [InlineData("resnet18", 122)]
    [InlineData("squeezenet1_1", 52)]
    [InlineData("shufflenet_v2_x1_0", 338)]
    [InlineData("vgg11", 22)]
    [InlineData("resnet50", 320)]
    [InlineData("mobilenet_v2", 314)]
    public void Checkpoints_hold_as_many_tensors_as_torchvisions(string name, int tensors)
    {
        using var network = ArchitectureCatalog.ByName(name).Build(new(10));

        Assert.Equal(tensors, network.state_dict().Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_seed_decides_every_weight(string name)
    {
        using var scope = NewDisposeScope();
        nn.Module<Tensor, Tensor> Seeded()
        {
            manual_seed(7);
            return ArchitectureCatalog.ByName(name).Build(new(10));
        }

        using var first = Seeded();
        using var second = Seeded();

        Assert.All(first.parameters().Zip(second.parameters()), pair => Assert.Equal(0, (pair.First - pair.Second).abs().max().item<float>()));
    }

    private static Tensor Forward(nn.Module<Tensor, Tensor> network, int size) => network.call(zeros(2, 3, size, size));
}
