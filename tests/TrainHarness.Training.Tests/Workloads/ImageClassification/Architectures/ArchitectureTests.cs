using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

public class ArchitectureTests
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Published = ReferenceTable.Read(
        "architectures.csv"
    );

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_and_date_are_those_published(string name)
    {
        var architecture = ArchitectureCatalog.ByName(name);
        using var network = architecture.Build(new(1000));

        Assert.True(Published.TryGetValue(name, out var line), WhatToAdd.ToPublishedNumbers(architecture));
        Assert.Equal(line["parameters"], network.parameters().Sum(parameter => parameter.numel()).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(line["published"], architecture.Published.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal(network.modules().Any(module => module is BatchNormalisation), architecture.HasBatchNormalisation);
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

    public static TheoryData<string> NamesForAnySize =>
        [.. ArchitectureCatalog.All.Where(architecture => architecture.ImageSizeMultiple == 1).Select(architecture => architecture.Name)];

    // An empty batch has the shapes of a full one.
    [Theory]
    [MemberData(nameof(NamesForAnySize))]
    public void Every_size_from_the_smallest_on_trains(string name)
    {
        var architecture = ArchitectureCatalog.ByName(name);
        using var network = architecture.Build(new(10, 224));
        network.train();
        foreach (var size in Enumerable.Range(architecture.MinimumImageSize, 40).Concat([97, 112, 127, 160, 176, 208, 225, 240, 299]))
        {
            using var scope = NewDisposeScope();
            Assert.Equal([0, 10], network.call(zeros(0, 3, size, size)).shape);
        }
    }

    [Fact]
    public void An_image_that_is_too_small_is_refused_with_the_minimum()
    {
        Architecture.AlexNet.Require(new(10, 63));

        var exception = Assert.Throws<ConfigurationException>(() => Architecture.AlexNet.Require(new(10, 62)));

        Assert.Equal("alexnet cannot take examples of size 62; allowed: 63 or more.", exception.Message);
    }

    [Theory]
    [InlineData("alexnet", "features.0.weight", "features.10.bias", "classifier.1.weight", "classifier.6.bias")]
    [InlineData(
        "resnet18",
        "conv1.weight",
        "bn1.running_var",
        "layer1.0.conv1.weight",
        "layer2.0.downsample.0.weight",
        "layer2.0.downsample.1.num_batches_tracked",
        "layer4.1.bn2.bias",
        "fc.bias"
    )]
    [InlineData("squeezenet1_1", "features.0.weight", "features.3.squeeze.weight", "features.12.expand3x3.bias", "classifier.1.weight")]
    [InlineData(
        "shufflenet_v2_x1_0",
        "conv1.0.weight",
        "stage2.0.branch1.0.weight",
        "stage4.3.branch2.5.weight",
        "conv5.1.running_mean",
        "fc.weight"
    )]
    [InlineData("vgg11", "features.0.weight", "features.18.bias", "classifier.0.weight", "classifier.6.bias")]
    [InlineData("resnet50", "layer1.0.conv3.weight", "layer1.0.downsample.0.weight", "layer4.2.bn3.running_var", "fc.weight")]
    [InlineData(
        "mobilenet_v2",
        "features.0.0.weight",
        "features.1.conv.0.0.weight",
        "features.2.conv.3.running_mean",
        "features.18.1.weight",
        "classifier.1.bias"
    )]
    [InlineData("vgg16", "features.28.weight", "classifier.6.bias")]
    [InlineData("googlenet", "conv1.conv.weight", "inception4a.branch2.1.bn.running_mean", "inception5b.branch4.1.conv.weight", "fc.bias")]
    [InlineData(
        "inception_v3",
        "Conv2d_1a_3x3.conv.weight",
        "Mixed_6e.branch7x7dbl_5.bn.weight",
        "Mixed_7c.branch3x3dbl_3b.conv.weight",
        "fc.weight"
    )]
    [InlineData(
        "densenet121",
        "features.conv0.weight",
        "features.denseblock4.denselayer16.conv2.weight",
        "features.transition3.conv.weight",
        "features.norm5.bias",
        "classifier.weight"
    )]
    [InlineData("mnasnet1_0", "layers.0.weight", "layers.8.0.layers.3.weight", "layers.14.weight", "classifier.1.bias")]
    [InlineData(
        "mobilenet_v3_large",
        "features.0.0.weight",
        "features.4.block.2.fc1.weight",
        "features.16.1.running_var",
        "classifier.3.bias"
    )]
    [InlineData(
        "efficientnet_b0",
        "features.1.0.block.1.fc2.bias",
        "features.2.0.block.3.0.weight",
        "features.8.1.weight",
        "classifier.1.weight"
    )]
    [InlineData("efficientnet_v2_s", "features.1.0.block.0.0.weight", "features.2.0.block.1.1.weight", "features.6.14.block.2.fc1.weight")]
    [InlineData(
        "regnet_y_400mf",
        "stem.0.weight",
        "trunk_output.block1.block1-0.proj.0.weight",
        "trunk_output.block4.block4-5.f.se.fc1.bias",
        "fc.weight"
    )]
    [InlineData(
        "vit_b_16",
        "class_token",
        "conv_proj.weight",
        "encoder.pos_embedding",
        "encoder.layers.encoder_layer_11.mlp.3.weight",
        "encoder.ln.bias",
        "heads.head.weight"
    )]
    [InlineData(
        "swin_t",
        "features.0.2.weight",
        "features.1.0.attn.relative_position_bias_table",
        "features.2.reduction.weight",
        "features.7.1.mlp.3.bias",
        "norm.weight",
        "head.bias"
    )]
    [InlineData(
        "convnext_tiny",
        "features.0.1.weight",
        "features.1.0.layer_scale",
        "features.2.1.weight",
        "features.7.2.block.5.bias",
        "classifier.2.weight"
    )]
    public void Checkpoint_keys_are_torchvisions(string name, params string[] keys)
    {
        using var network = ArchitectureCatalog.ByName(name).Build(new(10));
        var state = network.state_dict();

        Assert.All(keys, key => Assert.True(state.ContainsKey(key), key));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(40)]
    public void An_image_that_patches_do_not_fill_is_refused_with_the_multiple(int size) =>
        Assert.Equal(
            $"vit_b_16 cannot take examples of size {size}; allowed: multiples of 16.",
            Assert.Throws<ConfigurationException>(() => Architecture.VitB16.Require(new(10, size))).Message
        );

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

        Assert.All(first.parameters().Zip(second.parameters()), pair =>
            Assert.Equal(0, (pair.First - pair.Second).abs().max().item<float>())
        );
    }

    private static Tensor Forward(nn.Module<Tensor, Tensor> network, int size) => network.call(zeros(2, 3, size, size));
}
