using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification;

public class ChannelsLastTests
{
    private static readonly Recipe Laid = Trials.Recipe with { MemoryFormat = MemoryFormat.ChannelsLast };

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_architecture_answers_the_same(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var architecture = ArchitectureCatalog.ByName(name);
        var size = Math.Max(32, architecture.MinimumImageSize);
        using var network = architecture.BuildFrom(InitialWeights.Torchvision, seed: 1, new(10, size), CPU);
        network.eval();
        manual_seed(1);
        var images = randn(2, 3, size, size);
        var expected = network.call(images);

        ChannelsLast.Apply(network);
        var answers = ForwardPass.Of(network, images, Laid);

        Assert.True(answers.allclose(expected, rtol: 1e-3, atol: 1e-4));
    }

    [Fact]
    public void Images_keep_their_values_and_dimensions_and_their_channels_lie_side_by_side()
    {
        using var scope = NewDisposeScope();
        var images = randn(2, 3, 4, 5);

        var laid = ChannelsLast.Of(images);

        Assert.Equal([60, 1, 15, 3], laid.stride());
        Assert.True(laid.equal(images).all().item<bool>());
    }

    // By hand: groups of channels 0 1 2 | 3 4 5 become 0 3 | 1 4 | 2 5.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shuffled_channels_lie_in_memory_as_they_lay(bool last)
    {
        using var scope = NewDisposeScope();
        var images = randn(2, 6, 4, 5);
        var shuffled = ShuffledChannels.Of(last ? ChannelsLast.Of(images) : images, groups: 2);

        Assert.True(shuffled.equal(images.index_select(1, tensor(new long[] { 0, 3, 1, 4, 2, 5 }))).all().item<bool>());
        Assert.Equal(last, ChannelsLast.Is(shuffled));
        Assert.Equal(!last, shuffled.is_contiguous());
    }

    [Fact]
    public void Gradients_and_the_optimizers_state_lie_as_their_weights_and_training_ends_where_it_ends_in_the_usual_order()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (images, labels) = (randn(4, 3, Trials.Side, Trials.Side), arange(4, dtype: ScalarType.Int64).remainder(3));
        var usual = Trained(Trials.Recipe, images, labels);
        var laid = Trained(Laid, images, labels);

        Assert.All(laid.Where(parameter => parameter.dim() == 4 && parameter.shape[2] > 1 && parameter.shape[1] > 1), parameter =>
        {
            Assert.Equal(1, parameter.stride(1));
            Assert.Equal(parameter.stride(), parameter.grad!.stride());
        });
        Assert.All(usual.Zip(laid), pair => Assert.True(pair.First.allclose(pair.Second, rtol: 1e-3, atol: 1e-4)));
    }

    private static List<TorchSharp.Modules.Parameter> Trained(Recipe recipe, Tensor images, Tensor labels)
    {
        var entry = new Entry("squeezenet1_1.small", "squeezenet1_1", recipe, null);
        var network = TrainedNetwork.Build(Architecture.SqueezeNet11, entry, seed: 1, classes: 3, Trials.Side, CPU);
        network.eval();
        using var optimizer = Optimizer.For(recipe.Optimizer, network.parameters());
        var step = new TrainingStep(network, new ExamplesObjective(network, recipe), optimizer, average: null, recipe.GradientClip);
        for (var index = 0; index < 3; index++)
            step.Run(new ImageBatch(images, labels), new Random(1), learningRate: 0.01).Dispose();
        return [.. network.parameters()];
    }
}
