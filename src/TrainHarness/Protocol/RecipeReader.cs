using TrainHarness.Compute;

namespace TrainHarness.Protocol;

/// <summary>Reads a recipe strictly: no key is unknown, and only those are optional that turn something on.</summary>
public static class RecipeReader
{
    // Of a running mean: at 1 it would never move.
    private const double MostDecay = 0.9999999;

    // Of every workload.
    private static readonly string[] Keys =
        ["epochs", "batchSize", "optimizer", "plain", "batchNormalised", "schedule", "warmUpEpochs", "precision", "gradientClip", "averageDecay"];

    /// <summary>A recipe of images.</summary>
    public static Recipe Read(string name, ConfigurationNode node) => Read(name, node, ImageSettings.RecipeKeys);

    /// <param name="ownKeys">Those of the workload; null where nobody knows them, and what is written stays.</param>
    public static Recipe Read(string name, ConfigurationNode node, IReadOnlyCollection<string>? ownKeys)
    {
        if (ownKeys is not null)
            node.Allow([.. Keys, .. ownKeys]);
        var ofImages = ownKeys?.Contains("augmentation") ?? false;
        var epochs = node.Required("epochs").Whole(1, 100_000);
        return new Recipe
        {
            Name = name,
            Epochs = epochs,
            BatchSize = node.Required("batchSize").Whole(2, 1_000_000),
            Optimizer = Optimizer(node.Required("optimizer")),
            Plain = Start(node.Required("plain")),
            BatchNormalised = Start(node.Required("batchNormalised")),
            Schedule = Schedule(node.Required("schedule"), epochs),
            WarmUpEpochs = node.Required("warmUpEpochs").Number(0, epochs),
            LabelSmoothing = ofImages ? node.Required("labelSmoothing").Number(0, 0.999) : null,
            Augmentation = ofImages ? Augmentation(node.Required("augmentation")) : null,
            Precision = node.Required("precision").Choice(("fp32", Precision.Fp32), ("tf32", Precision.Tf32), ("bf16", Precision.Bf16)),
            MemoryFormat = OfImages("memoryFormat")?.Choice(("contiguous", MemoryFormat.Contiguous), ("channels-last", MemoryFormat.ChannelsLast)) ?? MemoryFormat.Contiguous,
            GradientClip = node.Optional("gradientClip")?.Positive(1_000_000),
            AverageDecay = node.Optional("averageDecay")?.Number(0, MostDecay),
            DropPath = OfImages("dropPath")?.Number(0, 0.99),
            AuxiliaryLossWeight = OfImages("auxiliaryLossWeight")?.Positive(100),
            Own = ofImages ? null : OwnOf(node),
        };

        ConfigurationNode? OfImages(string key) => ofImages ? node.Optional(key) : null;
    }

    private static Dictionary<string, string>? OwnOf(ConfigurationNode node)
    {
        List<string> own = [.. node.Keys().Except(Keys)];
        return own.Count == 0 ? null : own.ToDictionary(key => key, key => node.Required(key).Text());
    }

    private static OptimizerRule Optimizer(ConfigurationNode node) =>
        node.Required("kind").Choice<Func<ConfigurationNode, OptimizerRule>>(("sgd", Sgd), ("rmsprop", RmsProp), ("adamw", AdamW))(node);

    private static SgdRule Sgd(ConfigurationNode node)
    {
        node.Allow("kind", "momentum", "nesterov", "weightDecay", "exemptOneDimensional");
        var momentum = node.Required("momentum");
        var rule = new SgdRule
        {
            Momentum = momentum.Number(0, 0.99999),
            Nesterov = node.Required("nesterov").Flag(),
            WeightDecay = WeightDecay(node),
            ExemptOneDimensional = ExemptOneDimensional(node),
        };
        return rule is { Nesterov: true, Momentum: 0 }
            ? throw momentum.Error("'momentum' is 0; Nesterov momentum needs a number above 0.")
            : rule;
    }

    private static RmsPropRule RmsProp(ConfigurationNode node)
    {
        node.Allow("kind", "decay", "momentum", "epsilon", "weightDecay", "exemptOneDimensional");
        return new RmsPropRule
        {
            Decay = node.Required("decay").Number(0, MostDecay),
            Momentum = node.Required("momentum").Number(0, 0.99999),
            Epsilon = node.Required("epsilon").Positive(10),
            WeightDecay = WeightDecay(node),
            ExemptOneDimensional = ExemptOneDimensional(node),
        };
    }

    private static AdamWRule AdamW(ConfigurationNode node)
    {
        node.Allow("kind", "beta1", "beta2", "epsilon", "weightDecay", "exemptOneDimensional");
        return new AdamWRule
        {
            Beta1 = node.Required("beta1").Number(0, MostDecay),
            Beta2 = node.Required("beta2").Number(0, MostDecay),
            Epsilon = node.Required("epsilon").Positive(10),
            WeightDecay = WeightDecay(node),
            ExemptOneDimensional = ExemptOneDimensional(node),
        };
    }

    private static double WeightDecay(ConfigurationNode node) => node.Required("weightDecay").Number(0, 1);

    private static bool ExemptOneDimensional(ConfigurationNode node) => node.Optional("exemptOneDimensional")?.Flag() ?? false;

    private static StartRule Start(ConfigurationNode node)
    {
        node.Allow("learningRate", "initialisation");
        return new StartRule
        {
            LearningRate = node.Required("learningRate").Positive(1000),
            Initialisation = node.Required("initialisation").Choice(("torchvision", InitialWeights.Torchvision), ("he", InitialWeights.He)),
        };
    }

    private static LearningRateSchedule Schedule(ConfigurationNode node, int epochs)
    {
        switch (node.Required("kind").Choice(("step", 's'), ("smoothed-step", 'm'), ("cosine", 'c'), ("polynomial", 'p'), ("exponential", 'e')))
        {
            case 'c':
                node.Allow("kind");
                return new CosineSchedule();
            case 'p':
                node.Allow("kind", "power");
                return new PolynomialSchedule(node.Required("power").Positive(100));
            case 'e':
                node.Allow("kind", "decay", "everyEpochs", "staircase");
                return new ExponentialSchedule(node.Required("decay").Positive(1), node.Required("everyEpochs").Positive(100_000), node.Required("staircase").Flag(), epochs);
            case var kind:
                node.Allow("kind", "decay", "parts");
                var decay = node.Required("decay").Positive(1);
                var parts = node.Required("parts").Whole(1, 10_000);
                return kind == 's' ? new SteppedSchedule(decay, parts) : new SmoothedStepSchedule(decay, parts);
        }
    }

    private static AugmentationRule Augmentation(ConfigurationNode node)
    {
        node.Allow("cropScale", "cropRatio", "flip", "randAugment", "lighting", "randomErasing", "mixing");
        return new AugmentationRule
        {
            CropScale = Range(node.Required("cropScale"), 0.0001, 1),
            CropRatio = Range(node.Required("cropRatio"), 0.01, 100),
            Flip = node.Required("flip").Number(0, 1),
            RandAugment = node.Optional("randAugment") is { } randAugment ? RandAugment(randAugment) : null,
            Lighting = node.Optional("lighting")?.Positive(10),
            RandomErasing = node.Optional("randomErasing") is { } erasing ? RandomErasing(erasing) : null,
            Mixing = node.Optional("mixing") is { } mixing ? Mixing(mixing) : null,
        };
    }

    private static RandAugmentRule RandAugment(ConfigurationNode node)
    {
        node.Allow("operations", "magnitude", "magnitudeDeviation");
        return new RandAugmentRule
        {
            Operations = node.Required("operations").Whole(1, 14),
            Magnitude = node.Required("magnitude").Number(0, RandAugmentRule.MostMagnitude),
            MagnitudeDeviation = node.Optional("magnitudeDeviation")?.Positive(RandAugmentRule.MostMagnitude) ?? 0,
        };
    }

    private static RandomErasingRule RandomErasing(ConfigurationNode node)
    {
        node.Allow("probability", "area", "ratio", "fill");
        return new RandomErasingRule
        {
            Probability = node.Required("probability").Positive(1),
            Area = Range(node.Required("area"), 0.0001, 1),
            Ratio = Range(node.Required("ratio"), 0.01, 100),
            Fill = node.Required("fill").Choice(("noise", ErasingFill.Noise), ("zero", ErasingFill.Zero)),
        };
    }

    private static MixingRule Mixing(ConfigurationNode node)
    {
        node.Allow("mixup", "cutmix", "probability");
        var rule = new MixingRule
        {
            Mixup = node.Required("mixup").Number(0, 100),
            Cutmix = node.Required("cutmix").Number(0, 100),
            Probability = node.Required("probability").Positive(1),
        };
        return rule is { Mixup: 0, Cutmix: 0 }
            ? throw node.Error("'mixup' and 'cutmix' are both 0; allowed: at least one above 0, or no 'mixing'.")
            : rule;
    }

    private static IReadOnlyList<double> Range(ConfigurationNode node, double least, double most)
    {
        var range = node.Numbers(2, least, most);
        return range[0] <= range[1] ? range : throw node.Error("the range runs backwards; allowed: [least, most].");
    }
}
