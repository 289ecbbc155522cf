using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Engine;

public class PrecisionTests
{
    private static readonly Recipe Half = Trials.Recipe with { Precision = Precision.Bf16 };

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_architecture_answers_nearly_the_same_in_bf16_and_not_quite(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var architecture = ArchitectureCatalog.ByName(name);
        var size = Math.Max(32, architecture.MinimumImageSize);
        using var network = architecture.BuildFrom(InitialWeights.Torchvision, seed: 1, new(10, size), CPU);
        // Zero heads, as ViT's, would answer the same in any precision.
        foreach (var parameter in network.parameters().Where(parameter => parameter.dim() == 2 && parameter.abs().max().item<float>() == 0))
            nn.init.normal_(parameter, mean: 0, std: 0.1);
        network.eval();
        manual_seed(1);
        var images = randn(2, 3, size, size);
        var expected = network.call(images);

        var answers = ForwardPass.Of(network, images, Half);

        Assert.Equal(ScalarType.Float32, answers.dtype);
        // bfloat16 has 8 bits of mantissa, and dozens of layers follow each other.
        var difference = ((answers - expected).norm() / expected.norm()).item<float>();
        Assert.InRange(difference, 1e-6, 0.1);
    }

    [Fact]
    public void Weights_gradients_and_loss_stay_float32_and_the_losses_stay_near_those_of_fp32()
    {
        using var scope = NewDisposeScope();
        var (losses, network) = Trained(Trials.Recipe);
        var (half, halfNetwork) = Trained(Half);

        Assert.NotEqual(losses, half);
        Assert.Equal(losses, half, (one, other) => Math.Abs(one - other) < 0.03);
        Assert.All(halfNetwork.parameters(), parameter =>
            Assert.Equal((ScalarType.Float32, ScalarType.Float32), (parameter.dtype, parameter.grad!.dtype))
        );
        Assert.All(network.parameters().Zip(halfNetwork.parameters()), pair =>
            Assert.False(pair.First.equal(pair.Second).all().item<bool>())
        );
    }

    [Fact]
    public void Evaluation_computes_in_the_same_precision()
    {
        using var cache = new TemporaryFolder();
        using var pack = Trials.Pack(cache);
        using var network = Built(Trials.Recipe);
        using var augmentation = new Augmentation(Trials.Recipe.Augmentation!, Trials.Shapes, CPU);
        double Loss(Recipe recipe) => Trials.Evaluator(network, pack, augmentation, recipe).Evaluate().Loss!.Value;

        Assert.NotEqual(Loss(Trials.Recipe), Loss(Half));
        Assert.Equal(Loss(Trials.Recipe), Loss(Half), 0.02);
    }

    [Fact]
    public void Mixed_precision_ends_with_the_forward_pass_also_where_that_fails()
    {
        using var scope = NewDisposeScope();
        using var network = Built(Half);
        ForwardPass.Of(network, zeros(2, 3, Trials.Side, Trials.Side), Half);
        Assert.False(Autocast.IsOn(TorchSharp.DeviceType.CPU));
        Assert.ThrowsAny<Exception>(() => ForwardPass.Of(network, zeros(2, 5, Trials.Side, Trials.Side), Half));
        Assert.False(Autocast.IsOn(TorchSharp.DeviceType.CPU));
        Assert.Equal(ScalarType.Float32, ones(2, 2).matmul(ones(2, 2)).dtype);
    }

    [Fact]
    public void Scopes_of_mixed_precision_nest()
    {
        using var scope = NewDisposeScope();
        using (new Autocast(TorchSharp.DeviceType.CPU))
        {
            using (new Autocast(TorchSharp.DeviceType.CPU))
                Assert.Equal(ScalarType.BFloat16, ones(2, 2).matmul(ones(2, 2)).dtype);
            Assert.True(Autocast.IsOn(TorchSharp.DeviceType.CPU));
        }

        Assert.False(Autocast.IsOn(TorchSharp.DeviceType.CPU));
    }

    private static (List<float> Losses, nn.Module<Tensor, Tensor> Network) Trained(Recipe recipe)
    {
        var network = Built(recipe);
        using var optimizer = Optimizer.For(recipe.Optimizer, network.parameters());
        var step = new TrainingStep(network, new ExamplesObjective(network, recipe), optimizer, average: null, recipe.GradientClip);
        manual_seed(1);
        var batch = new ImageBatch(randn(16, 3, Trials.Side, Trials.Side), arange(16, dtype: ScalarType.Int64).remainder(3));
        List<float> losses = [];
        for (var index = 0; index < 5; index++)
        {
            using var loss = step.Run(batch, new Random(1), learningRate: 0.01);
            Assert.Equal(ScalarType.Float32, loss.dtype);
            losses.Add(loss.item<float>());
        }

        return (losses, network);
    }

    private static nn.Module<Tensor, Tensor> Built(Recipe recipe) =>
        TrainedNetwork.Build(
            Architecture.ResNet18,
            new Entry("resnet18.small", "resnet18", recipe, null),
            seed: 1,
            classes: 3,
            Trials.Side,
            CPU
        );
}
