using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification;

public sealed class EvaluatorTests : IDisposable
{
    private readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    [Fact]
    public void A_network_that_always_answers_one_class_is_right_as_often_as_that_class_occurs()
    {
        using var pack = Trials.Pack(cache);
        using var augmentation = new Augmentation(Trials.Recipe.Augmentation!, Trials.Shapes, CPU);
        using var network = new Constant();
        var (loss, metrics, spent) = Trials.Evaluator(network, pack, augmentation, Trials.Recipe).Evaluate();
        // 7 of 21 examples; with three classes everything is among the first five.
        Assert.Equal(1 / 3.0, metrics["top1"], 12);
        Assert.Equal(1, metrics["top5"], 12);
        // Logits 0, 2, 1: the mean of -log softmax over equally common labels is log(1 + e² + e) - 1.
        Assert.Equal(Math.Log(1 + Math.Exp(2) + Math.E) - 1, loss!.Value, 6);
        // 21 examples of 3 x 32 x 32 values, three answers each.
        Assert.Equal(Macs.Product(21, 3 * 32 * 32, 3), spent);
        Assert.True(network.training);
    }

    [Theory]
    [InlineData("top1", 10, 0.1)]
    [InlineData("top5", 10, 0.5)]
    [InlineData("top5", 1000, 0.005)]
    [InlineData("top5", 3, 1)]
    // Of a network that says that every class is equally likely: -log(1/10).
    [InlineData("loss", 10, 2.302585092994046)]
    public void Chance_is_blind_guessing(string metric, int classes, double chance) =>
        Assert.Equal(chance, ClassificationMetrics.Of(classes).Single(one => one.Name == metric).Chance!.Value, 12);

    [Fact]
    public void Where_only_the_data_tells_the_classes_chance_is_unknown() =>
        Assert.All(ClassificationMetrics.Of(classes: null), metric => Assert.Null(metric.Chance));

    private sealed class Constant : Module<Tensor, Tensor>
    {
        private readonly Linear answer = Linear(3 * Trials.Side * Trials.Side, 3);

        public Constant()
            : base(nameof(Constant))
        {
            RegisterComponents();
            init.zeros_(answer.weight!);
            using var noGradient = no_grad();
            answer.bias!.copy_(tensor(new float[] { 0, 2, 1 }));
        }

        public override Tensor forward(Tensor input) => answer.call(input.flatten(1));
    }
}
