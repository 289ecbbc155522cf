using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

public class AuxiliaryHeadTests
{
    // Parameters and multiply-adds of a training pass with auxiliary heads, counted in Python.
    [Theory]
    [InlineData("googlenet", 224, 13_004_888, 1_506_748_416, 3)]
    [InlineData("inception_v3", 299, 27_161_264, 5_718_899_296, 2)]
    public void Heads_are_counted_in_training_and_cost_nothing_in_evaluation(
        string name,
        int size,
        long parameters,
        long forward,
        int answers
    )
    {
        using var scope = NewDisposeScope();
        var architecture = ArchitectureCatalog.ByName(name);
        using var network = architecture.Build(new(1000, size) { AuxiliaryHeads = true });
        network.train();

        Assert.Equal(parameters, Architecture.Parameters(network));
        Assert.Equal((UInt128)forward, ImagePricer.Price(network, size, batch: 1).Forward.Count);
        Assert.Equal([answers, 0, 1000], network.call(zeros(0, 3, size, size)).shape);
        network.eval();
        Assert.Equal(
            ImagePricer.Price(architecture, new(1000, size), batch: 1).Forward,
            ImagePricer.Price(network, size, batch: 1).Forward
        );
        Assert.Equal([0, 1000], network.call(zeros(0, 3, size, size)).shape);
    }

    [Fact]
    public void Every_head_learns_from_its_own_answer()
    {
        using var scope = NewDisposeScope();
        using var network = Architecture.GoogLeNet.Build(new(10, 32) { AuxiliaryHeads = true });
        network.train();

        network.call(randn(2, 3, 32, 32))[1].sum().backward();

        var reached = network
            .named_parameters()
            .Where(entry => entry.parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0)
            .Select(entry => entry.name.Split('.')[0])
            .Distinct();
        Assert.Equal(
            ["aux1", "conv1", "conv2", "conv3", "inception3a", "inception3b", "inception4a"],
            reached.Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("resnet18", 224, "resnet18 has no auxiliary heads; allowed: a recipe without 'auxiliaryLossWeight'.")]
    [InlineData("inception_v3", 298, "inception_v3 cannot take examples of size 298 with auxiliary heads; allowed: 299 or more.")]
    public void Heads_that_cannot_be_are_refused(string name, int size, string message) =>
        Assert.Equal(
            message,
            Assert
                .Throws<ConfigurationException>(() => ArchitectureCatalog.ByName(name).Require(new(10, size) { AuxiliaryHeads = true }))
                .Message
        );

    [Fact]
    public void The_smallest_image_with_heads_trains_and_a_smaller_one_does_not()
    {
        using var scope = NewDisposeScope();
        using var network = Architecture.InceptionV3.Build(new(10, 299) { AuxiliaryHeads = true });
        network.train();

        Assert.Equal([2, 2, 10], network.call(zeros(2, 3, 299, 299)).shape);
        Assert.ThrowsAny<Exception>(() => network.call(zeros(2, 3, 298, 298)));
    }
}
