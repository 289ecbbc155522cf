using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class RecipeReaderTests
{
    private const string Modern = """
        epochs: 300
        batchSize: 256
        optimizer: { kind: adamw, beta1: 0.9, beta2: 0.999, epsilon: 1.0e-8, weightDecay: 0.05, exemptOneDimensional: true }
        plain: { learningRate: 0.001, initialisation: torchvision }
        batchNormalised: { learningRate: 0.001, initialisation: torchvision }
        schedule: { kind: exponential, decay: 0.97, everyEpochs: 2.4, staircase: true }
        warmUpEpochs: 5
        labelSmoothing: 0.1
        augmentation:
          cropScale: [0.08, 1]
          cropRatio: [0.75, 1.3333]
          flip: 0.5
          randAugment: { operations: 2, magnitude: 27, magnitudeDeviation: 1.5 }
          lighting: 0.1
          randomErasing: { probability: 0.25, area: [0.02, 0.3333], ratio: [0.3, 3.3333], fill: noise }
          mixing: { mixup: 0.8, cutmix: 1, probability: 1 }
        precision: fp32
        memoryFormat: channels-last
        gradientClip: 1
        averageDecay: 0.9999
        dropPath: 0.1
        auxiliaryLossWeight: 0.3
        """;

    [Fact]
    public void Every_part_of_a_modern_recipe_is_read()
    {
        var recipe = Read(Modern);
        Assert.Equal(
            new AdamWRule
            {
                Beta1 = 0.9,
                Beta2 = 0.999,
                Epsilon = 1e-8,
                WeightDecay = 0.05,
                ExemptOneDimensional = true,
            },
            recipe.Optimizer
        );
        Assert.Equal(new ExponentialSchedule(0.97, 2.4, Staircase: true, Epochs: 300), recipe.Schedule);
        Assert.Equal((1, 0.9999, 0.1, 0.3), (recipe.GradientClip, recipe.AverageDecay, recipe.DropPath, recipe.AuxiliaryLossWeight));
        Assert.Equal((Precision.Fp32, MemoryFormat.ChannelsLast), (recipe.Precision, recipe.MemoryFormat));
        var augmentation = recipe.Augmentation!;
        Assert.Equal(
            new RandAugmentRule
            {
                Operations = 2,
                Magnitude = 27,
                MagnitudeDeviation = 1.5,
            },
            augmentation.RandAugment
        );
        Assert.Equal(
            new MixingRule
            {
                Mixup = 0.8,
                Cutmix = 1,
                Probability = 1,
            },
            augmentation.Mixing
        );
        Assert.Equal((0.25, ErasingFill.Noise), (augmentation.RandomErasing!.Probability, augmentation.RandomErasing.Fill));
        Assert.Equal([0.02, 0.3333, 0.3, 3.3333], augmentation.RandomErasing.Area.Concat(augmentation.RandomErasing.Ratio));
        Assert.Equal(0.1, augmentation.Lighting);
    }

    [Theory]
    [InlineData("kind: adamw", "kind: adam", "3:20: 'kind' is 'adam'; allowed: sgd, rmsprop, adamw, muon, own.")]
    [InlineData(
        "kind: adamw",
        "kind: rmsprop",
        "3:29: unknown key 'beta1' in 'optimizer'; allowed: kind, decay, momentum, epsilon, weightDecay, exemptOneDimensional."
    )]
    [InlineData("beta2: 0.999, ", "", "3:12: 'optimizer' lacks the key 'beta2'.")]
    [InlineData("beta2: 0.999", "beta2: 1", "'beta2' is '1'; allowed: a number from 0 to 0.9999999.")]
    [InlineData("exemptOneDimensional: true", "exemptOneDimensional: yes", "'exemptOneDimensional' is 'yes'; allowed: true, false.")]
    [InlineData(
        "kind: exponential",
        "kind: linear",
        "6:19: 'kind' is 'linear'; allowed: step, smoothed-step, cosine, polynomial, exponential, inverse-square-root."
    )]
    [InlineData("everyEpochs: 2.4", "everyEpochs: 0", "'everyEpochs' is '0'")]
    [InlineData("operations: 2", "operations: 0", "13:30: 'operations' is '0'; allowed: a whole number from 1 to 14.")]
    [InlineData("magnitude: 27", "magnitude: 31", "'magnitude' is '31'; allowed: a number from 0 to 30.")]
    [InlineData(
        "lighting: 0.1",
        "lightning: 0.1",
        "14:3: unknown key 'lightning' in 'augmentation'; did you mean lighting? allowed: lighting, cropScale, cropRatio, flip, "
            + "randAugment, randomErasing, mixing."
    )]
    [InlineData("area: [0.02, 0.3333]", "area: [0.3333, 0.02]", "15:45: the range is reversed")]
    [InlineData("fill: noise", "fill: black", "'fill' is 'black'; allowed: noise, zero.")]
    [InlineData(
        "mixup: 0.8, cutmix: 1",
        "mixup: 0, cutmix: 0",
        "16:11: 'mixup' and 'cutmix' are both 0; allowed: at least one above 0, or no 'mixing'."
    )]
    [InlineData(
        "memoryFormat: channels-last",
        "memoryFormat: nhwc",
        "18:15: 'memoryFormat' is 'nhwc'; allowed: contiguous, channels-last."
    )]
    [InlineData("gradientClip: 1", "gradientClip: 0", "19:15: 'gradientClip' is '0'")]
    [InlineData("averageDecay: 0.9999", "averageDecay: 1", "20:15: 'averageDecay' is '1'; allowed: a number from 0 to 0.9999999.")]
    [InlineData("dropPath: 0.1", "dropPath: 1", "21:11: 'dropPath' is '1'; allowed: a number from 0 to 0.99.")]
    [InlineData("auxiliaryLossWeight: 0.3", "auxiliaryLossWeight: -1", "22:22: 'auxiliaryLossWeight' is '-1'")]
    public void A_bad_part_gives_one_line_that_says_where_and_what_is_allowed(string from, string to, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(Modern.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("modern.yaml:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("fp32", Precision.Fp32)]
    [InlineData("tf32", Precision.Tf32)]
    [InlineData("bf16", Precision.Bf16)]
    public void Every_precision_is_read(string text, Precision expected) =>
        Assert.Equal(expected, Read(Modern.Replace("fp32", text, StringComparison.Ordinal)).Precision);

    [Fact]
    public void A_recipe_over_fewer_epochs_keeps_the_curve_of_its_rate()
    {
        var recipe = Read(Modern);
        var shorter = recipe.Over(30) with { WarmUpEpochs = 0.5 };
        Assert.Equal(recipe.LearningRateAt(recipe.Plain, 0.77), shorter.LearningRateAt(shorter.Plain, 0.77), 12);
    }

    private static Recipe Read(string text) => RecipeReader.Read("modern", ConfigurationNode.Parse("modern.yaml", text));
}
