using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Engine;

/// <summary>Every recipe that comes with the program trains.</summary>
public sealed class RecipeTrainingTests
{
    private const int Steps = 20;
    private const int Batch = 4;
    private const int Side = 32;
    private const int Classes = 4;

    // A network of the recipe's family where it is quick: not the wide ones of 2012 to 2014, nor inception_v3, whose head wants larger
    // images.
    private static readonly Dictionary<string, Architecture> Networks = new()
    {
        ["ablation-2012"] = Architecture.SqueezeNet11,
        ["ablation-adamw"] = Architecture.ShuffleNetV2X10,
        ["ablation-averaged"] = Architecture.ShuffleNetV2X10,
        ["ablation-cosine"] = Architecture.ShuffleNetV2X10,
        ["ablation-crops"] = Architecture.ShuffleNetV2X10,
        ["ablation-smoothing"] = Architecture.ShuffleNetV2X10,
        ["alexnet-2012"] = Architecture.SqueezeNet11,
        ["convnext"] = Architecture.ConvNeXtTiny,
        ["densenet"] = Architecture.DenseNet121,
        ["efficientnet"] = Architecture.EfficientNetB0,
        ["efficientnet-v2"] = Architecture.EfficientNetV2S,
        ["googlenet"] = Architecture.GoogLeNet,
        ["inception-v3"] = Architecture.GoogLeNet,
        ["mnasnet"] = Architecture.MnasNet10,
        ["mobilenet-v1"] = Architecture.MobileNetV1,
        ["mobilenet-v2"] = Architecture.MobileNetV2,
        ["mobilenet-v3"] = Architecture.MobileNetV3Small,
        ["regnet"] = Architecture.RegNetY400MF,
        ["resnet"] = Architecture.ResNet18,
        ["resnet-modern"] = Architecture.ResNet18,
        ["scale-drawn"] = Architecture.ShuffleNetV2X10,
        ["senet"] = Architecture.SeResNet50,
        ["sgd-smooth10"] = Architecture.SqueezeNet11,
        ["sgd-smooth10-short"] = Architecture.ShuffleNetV2X10,
        ["sgd-smooth12"] = Architecture.SqueezeNet11,
        ["sgd-smooth20-bf16"] = Architecture.ResNet18,
        ["sgd-smooth3"] = Architecture.ShuffleNetV2X10,
        ["sgd-smooth90"] = Architecture.SqueezeNet11,
        ["sgd-step10"] = Architecture.ShuffleNetV2X10,
        ["sgd-step12"] = Architecture.ShuffleNetV2X10,
        ["sgd-step20-bf16"] = Architecture.SqueezeNet11,
        ["sgd-step3"] = Architecture.SqueezeNet11,
        ["sgd-step90"] = Architecture.ShuffleNetV2X10,
        ["shufflenet"] = Architecture.ShuffleNetV1X10,
        ["squeezenet"] = Architecture.SqueezeNet11,
        ["swin"] = Architecture.SwinT,
        ["vgg"] = Architecture.SqueezeNet11,
        ["vit-2020"] = Architecture.SwinT,
        ["vit-deit"] = Architecture.VitB16,
        ["xception"] = Architecture.Xception,
        ["zfnet"] = Architecture.SqueezeNet11,
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    [Fact]
    public void Every_recipe_has_its_network_here() =>
        Assert.Equal(
            Directory.EnumerateFiles(Folder, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
            Networks.Keys.Order(StringComparer.Ordinal)
        );

    [Trait("Lane", "long")]
    [Theory]
    [MemberData(nameof(Names))]
    public void Twenty_steps_move_the_weights_and_leave_the_loss_finite(string name)
    {
        var recipe = RecipeReader.Read(name, ConfigurationNode.Load(Path.Combine(Folder, name + ".yaml"))) with { BatchSize = Batch };
        var (architecture, entry) = (Networks[name], new Entry($"any.{name}", "any", recipe, null));
        // More threads than processors at hand wait for each other.
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var network = TrainedNetwork.Build(architecture, entry, seed: 1, Classes, Side, CPU);
        using var optimizer = Optimizer.For(recipe.Optimizer, network.parameters());
        using var average = recipe.AverageDecay is { } decay ? new WeightAverage(network, decay) : null;
        using var augmentation = new Augmentation(recipe.Augmentation!, Trials.Shapes, CPU);
        var step = new TrainingStep(
            network,
            new ImageObjective(network, augmentation, recipe, Side),
            optimizer,
            average,
            recipe.GradientClip
        );
        random.manual_seed(1);
        var batch = new ImageBatch(
            randint(0, 256, [Batch, 3, 36, 36], dtype: ScalarType.Byte),
            arange(Batch, dtype: ScalarType.Int64).remainder(Classes)
        );
        List<Tensor> before = [.. network.parameters().Select(parameter => parameter.detach().clone())];
        var start = entry.StartFor(architecture.HasBatchNormalisation);
        var losses = new List<double>();
        for (var index = 0; index < Steps; index++)
        {
            // As in the middle of the schedule, where every recipe is past its warm-up.
            using var loss = step.Run(batch, Seeds.Generator(1, "augmentation", index), recipe.LearningRateAt(start, 0.5));
            losses.Add(loss.ToDouble());
        }

        Assert.All(losses, loss => Assert.InRange(loss, 0, 1e6));
        var moved = network.parameters().Zip(before).Count(pair => !pair.First.allclose(pair.Second, rtol: 0, atol: 0));
        Assert.Equal(before.Count, moved);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.isfinite().all().ToBoolean()));
        Assert.Equal(recipe.Optimizer is SgdRule, optimizer is MomentumSgd);
    }

    private static string Folder { get; } = Path.Combine(Repository.Folder, "configs", "recipes");
}
