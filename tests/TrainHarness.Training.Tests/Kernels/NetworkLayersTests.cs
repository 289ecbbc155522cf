using TrainHarness.Training.Kernels;

namespace TrainHarness.Training.Tests.Kernels;

public class NetworkLayersTests
{
    // AlexNet as in torchvision: five convolutions and three linear layers.
    [Fact]
    public void Every_layer_is_compared_at_every_batch_that_will_run_and_backward_only_where_it_is_trained()
    {
        var layers = NetworkLayers.Of(Requests.Of("alexnet"));
        Assert.Equal(8 * 4, layers.Count);
        Assert.Equal([32, 5, 128, 7], layers.Select(layer => layer.Input[0]).Distinct());
        var first = layers[0];
        Assert.Equal([32, 3, 64, 64], first.Input);
        Assert.Equal([64, 3, 11, 11], first.Weight);
        Assert.Equal([4, 4], first.Stride);
        Assert.Equal([2, 2], first.Padding);
        Assert.Equal([1, 1], first.Dilation);
        Assert.True(first is { HasBias: true, IsTrained: true, NeedsGradInput: false, Groups: 1, IsConvolution: true });
        Assert.True(layers[1].NeedsGradInput);
        var head = layers[7];
        Assert.Equal([32, 4096], head.Input);
        Assert.Equal([10, 4096], head.Weight);
        Assert.False(head.IsConvolution);
        Assert.All(layers.Where(layer => layer.Input[0] is 128 or 7), layer => Assert.False(layer.IsTrained || layer.NeedsGradInput));
    }

    // ResNet-18 has 20 convolutions and one linear layer, of which many are alike.
    [Fact]
    public void Layers_that_are_alike_are_compared_once()
    {
        var layers = NetworkLayers.Of(Requests.Of("resnet18") with { TrainingBatches = [4], EvaluationBatches = [] });
        Assert.Equal(12, layers.Count);
        Assert.Equal(layers.Count, layers.Select(layer => layer.Shape).Distinct().Count());
        Assert.Contains(layers, layer =>
            layer is { Name: "layer4.0.downsample.0", Stride: [2, 2], HasBias: false } && layer.Input.SequenceEqual([4, 256, 4, 4])
        );
    }

    [Fact]
    public void Depthwise_layers_keep_their_groups() =>
        Assert.Contains(NetworkLayers.Of(Requests.Of("mobilenet_v2") with { TrainingBatches = [2], EvaluationBatches = [] }), layer =>
            layer.Groups == 960 && layer.Weight.SequenceEqual([960, 1, 3, 3])
        );
}
