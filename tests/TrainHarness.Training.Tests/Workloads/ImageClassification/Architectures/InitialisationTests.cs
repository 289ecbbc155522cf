using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

public class InitialisationTests
{
    /// <summary>How a parameter starts: normal with a deviation, uniform with a bound, or all one value.</summary>
    public enum Start
    {
        Normal,
        Uniform,
        Constant,
    }

    // torchvision's initialisation, written out by hand from its fan-in or fan-out; papers' where torchvision has not the network.
    private static readonly (string Architecture, string Parameter, Start Start, double Value)[] Expected =
    [
        ("alexnet_2012", "features.0.weight", Start.Normal, 0.01),
        ("alexnet_2012", "classifier.3.weight", Start.Normal, 0.01),
        ("alexnet", "classifier.1.weight", Start.Uniform, Math.Sqrt(1.0 / 9216)),
        ("zfnet", "features.4.weight", Start.Normal, 0.01),
        ("vgg11", "features.16.weight", Start.Normal, Math.Sqrt(2.0 / (512 * 9))),
        ("vgg11", "classifier.6.weight", Start.Normal, 0.01),
        ("vgg16", "features.28.weight", Start.Normal, Math.Sqrt(2.0 / (512 * 9))),
        ("googlenet", "inception5b.branch1.conv.weight", Start.Normal, 0.01),
        ("googlenet", "fc.weight", Start.Normal, 0.01),
        ("bn_inception", "features.3.0.weight", Start.Uniform, Math.Sqrt(6.0 / (64 * 9))),
        ("inception_v3", "Mixed_7c.branch1x1.conv.weight", Start.Normal, 0.1),
        ("inception_v3", "fc.weight", Start.Normal, 0.1),
        ("resnet18", "layer4.1.conv2.weight", Start.Normal, Math.Sqrt(2.0 / (512 * 9))),
        ("resnet18", "conv1.weight", Start.Normal, Math.Sqrt(2.0 / (64 * 49))),
        ("resnet18", "layer4.1.bn2.weight", Start.Constant, 1),
        ("resnet18", "layer4.1.bn2.bias", Start.Constant, 0),
        ("resnet34", "layer4.2.conv2.weight", Start.Normal, Math.Sqrt(2.0 / (512 * 9))),
        ("resnet50", "layer4.2.conv3.weight", Start.Normal, Math.Sqrt(2.0 / 2048)),
        ("squeezenet1_1", "features.12.expand3x3.weight", Start.Uniform, Math.Sqrt(6.0 / (64 * 9))),
        ("squeezenet1_1", "classifier.1.weight", Start.Normal, 0.01),
        ("squeezenet1_1", "features.12.expand3x3.bias", Start.Constant, 0),
        ("wide_resnet50_2", "layer4.2.conv2.weight", Start.Normal, Math.Sqrt(2.0 / (1024 * 9))),
        ("densenet121", "features.denseblock4.denselayer16.conv2.weight", Start.Normal, Math.Sqrt(2.0 / (128 * 9))),
        ("densenet121", "classifier.bias", Start.Constant, 0),
        ("xception", "features.16.1.weight", Start.Uniform, Math.Sqrt(6.0 / 1536)),
        ("resnext50_32x4d", "layer4.2.conv2.weight", Start.Normal, Math.Sqrt(2.0 / (1024 * 9))),
        ("mobilenet_v1", "features.26.0.weight", Start.Uniform, Math.Sqrt(6.0 / 1024)),
        ("shufflenet_v1_x1_0", "stage4.3.expand.0.weight", Start.Uniform, Math.Sqrt(6.0 / 80)),
        ("se_resnet50", "layer4.2.se.fc1.weight", Start.Normal, Math.Sqrt(2.0 / 128)),
        ("mobilenet_v2", "features.18.0.weight", Start.Normal, Math.Sqrt(2.0 / 1280)),
        ("mobilenet_v2", "classifier.1.weight", Start.Normal, 0.01),
        ("shufflenet_v2_x1_0", "conv5.0.weight", Start.Uniform, Math.Sqrt(1.0 / 464)),
        ("shufflenet_v2_x1_5", "conv5.0.weight", Start.Uniform, Math.Sqrt(1.0 / 704)),
        ("mnasnet1_0", "layers.14.weight", Start.Normal, Math.Sqrt(2.0 / 1280)),
        ("mnasnet1_0", "classifier.1.weight", Start.Uniform, Math.Sqrt(3.0 / 1000)),
        ("mobilenet_v3_small", "features.12.0.weight", Start.Normal, Math.Sqrt(2.0 / 576)),
        ("mobilenet_v3_large", "features.16.0.weight", Start.Normal, Math.Sqrt(2.0 / 960)),
        ("mobilenet_v3_large", "classifier.3.weight", Start.Normal, 0.01),
        ("efficientnet_b0", "features.8.0.weight", Start.Normal, Math.Sqrt(2.0 / 1280)),
        ("efficientnet_b0", "classifier.1.weight", Start.Uniform, Math.Sqrt(1.0 / 1000)),
        ("efficientnet_b1", "features.8.0.weight", Start.Normal, Math.Sqrt(2.0 / 1280)),
        ("regnet_y_400mf", "trunk_output.block4.block4-5.f.c.0.weight", Start.Normal, Math.Sqrt(2.0 / 440)),
        ("regnet_y_400mf", "fc.weight", Start.Normal, 0.01),
        ("vit_b_16", "conv_proj.weight", Start.Normal, Math.Sqrt(1.0 / 768)),
        ("vit_b_16", "encoder.pos_embedding", Start.Normal, 0.02),
        ("vit_b_16", "encoder.layers.encoder_layer_11.self_attention.in_proj.weight", Start.Uniform, Math.Sqrt(6.0 / (768 + 2304))),
        ("vit_b_16", "encoder.layers.encoder_layer_11.mlp.0.weight", Start.Uniform, Math.Sqrt(6.0 / (768 + 3072))),
        ("vit_b_16", "encoder.layers.encoder_layer_11.mlp.0.bias", Start.Normal, 1e-6),
        ("vit_b_16", "class_token", Start.Constant, 0),
        ("vit_b_16", "heads.head.weight", Start.Constant, 0),
        ("swin_t", "features.7.1.mlp.3.weight", Start.Normal, 0.02),
        ("swin_t", "features.7.1.attn.relative_position_bias_table", Start.Normal, 0.02),
        ("swin_t", "features.7.1.attn.qkv.bias", Start.Constant, 0),
        ("efficientnet_v2_s", "features.7.0.weight", Start.Normal, Math.Sqrt(2.0 / 1280)),
        ("convnext_tiny", "features.7.2.block.3.weight", Start.Normal, 0.02),
        ("convnext_tiny", "features.7.2.layer_scale", Start.Constant, 1e-6),
    ];

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_start_as_torchvisions_or_the_papers(string name)
    {
        using var network = ArchitectureCatalog.ByName(name).Build(new(1000));
        var rows = Expected.Where(row => row.Architecture == name).ToList();

        Assert.True(rows.Count > 0, WhatToAdd.ToStarts(ArchitectureCatalog.ByName(name)));
        foreach (var (_, parameter, start, value) in rows)
            AssertStart(network.get_parameter(parameter), start, value);
        Assert.All(network.named_parameters(), entry => Assert.True(entry.parameter.isfinite().all().item<bool>(), entry.name));
    }

    [Fact]
    public void Inceptions_auxiliary_head_starts_smaller()
    {
        using var network = Architecture.InceptionV3.Build(new(1000, 299) { AuxiliaryHeads = true });

        AssertNormal(network.get_parameter("AuxLogits.fc.weight"), 0.001);
        AssertNormal(network.get_parameter("AuxLogits.conv1.conv.weight"), 0.1);
    }

    [Fact]
    public void Biases_of_AlexNet_of_2012_start_as_its_paper_says()
    {
        using var network = Architecture.AlexNet2012.Build(new(1000));

        var ones = network
            .named_parameters()
            .Where(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal) && parameter.parameter.min().item<float>() == 1)
            .Select(parameter => parameter.name);
        Assert.Equal(["features.4.bias", "features.10.bias", "features.12.bias", "classifier.0.bias", "classifier.3.bias"], ones);
    }

    // Why SqueezeNet stayed at a loss of ln 10 = 2.302585 on small subsets, at every learning rate.
    [Fact]
    public void A_few_large_steps_silence_all_of_SqueezeNets_classes_from_torchvisions_start_and_none_from_Hes()
    {
        Assert.Equal(10, SilentClasses(InitialWeights.Torchvision));
        Assert.Equal(0, SilentClasses(InitialWeights.He));
    }

    /// <summary>Classes that answer 0 to every image after forty steps on drawn labels.</summary>
    private static int SilentClasses(InitialWeights weights)
    {
        using var scope = NewDisposeScope();
        using var network = Architecture.SqueezeNet11.BuildFrom(weights, seed: 1, new(10, 32), CPU);
        using var optimizer = optim.SGD(network.parameters(), 0.1, momentum: 0.9);
        var images = randn(32, 3, 32, 32);
        for (var step = 0; step < 40; step++)
        {
            using var one = NewDisposeScope();
            optimizer.zero_grad();
            nn.functional.cross_entropy(network.call(images), randint(10, 32, dtype: int64)).backward();
            optimizer.step();
        }

        network.eval();
        using var ungraded = no_grad();
        return (int)network.call(images).amax(0).eq(0).sum().item<long>();
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
        Assert.All(network.named_parameters().Where(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal)), parameter =>
            Assert.Equal(0, parameter.parameter.abs().max().item<float>())
        );
    }

    private static void AssertStart(Tensor? weights, Start start, double value)
    {
        Assert.NotNull(weights);
        switch (start)
        {
            case Start.Normal:
                AssertNormal(weights, value);
                break;
            case Start.Uniform:
                AssertUniform(weights, value);
                break;
            default:
                Assert.Equal(((float)value, (float)value), (weights.min().item<float>(), weights.max().item<float>()));
                break;
        }
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
