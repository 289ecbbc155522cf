namespace TrainHarness.Protocol;

/// <summary>Reads a recipe strictly: every key is required, none is unknown.</summary>
public static class RecipeReader
{
    public static Recipe Read(string name, ConfigurationNode node)
    {
        node.Allow("epochs", "batchSize", "optimizer", "plain", "batchNormalised", "schedule", "warmUpEpochs", "labelSmoothing", "augmentation", "precision");
        var epochs = node.Required("epochs").Whole(1, 100_000);
        return new Recipe
        {
            Name = name,
            Epochs = epochs,
            BatchSize = node.Required("batchSize").Whole(2, 1_000_000),
            Optimizer = Optimizer(node.Required("optimizer")),
            Plain = Start(node.Required("plain")),
            BatchNormalised = Start(node.Required("batchNormalised")),
            Schedule = Schedule(node.Required("schedule")),
            WarmUpEpochs = node.Required("warmUpEpochs").Number(0, epochs),
            LabelSmoothing = node.Required("labelSmoothing").Number(0, 0.999),
            Augmentation = Augmentation(node.Required("augmentation")),
            Precision = node.Required("precision").Choice(("fp32", Precision.Fp32)),
        };
    }

    private static OptimizerRule Optimizer(ConfigurationNode node)
    {
        node.Allow("kind", "momentum", "nesterov", "weightDecay");
        node.Required("kind").Choice(("sgd", true));
        var momentum = node.Required("momentum");
        var rule = new OptimizerRule
        {
            Momentum = momentum.Number(0, 0.99999),
            Nesterov = node.Required("nesterov").Flag(),
            WeightDecay = node.Required("weightDecay").Number(0, 1),
        };
        return rule is { Nesterov: true, Momentum: 0 }
            ? throw momentum.Error("'momentum' is 0; Nesterov momentum needs a number above 0.")
            : rule;
    }

    private static StartRule Start(ConfigurationNode node)
    {
        node.Allow("learningRate", "initialisation");
        return new StartRule
        {
            LearningRate = node.Required("learningRate").Positive(1000),
            Initialisation = node.Required("initialisation").Choice(("torchvision", InitialWeights.Torchvision), ("he", InitialWeights.He)),
        };
    }

    private static LearningRateSchedule Schedule(ConfigurationNode node)
    {
        var kind = node.Required("kind").Choice(("step", 's'), ("smoothed-step", 'm'), ("cosine", 'c'));
        if (kind == 'c')
        {
            node.Allow("kind");
            return new CosineSchedule();
        }

        node.Allow("kind", "decay", "parts");
        var decay = node.Required("decay").Positive(1);
        var parts = node.Required("parts").Whole(1, 10_000);
        return kind == 's' ? new SteppedSchedule(decay, parts) : new SmoothedStepSchedule(decay, parts);
    }

    private static AugmentationRule Augmentation(ConfigurationNode node)
    {
        node.Allow("cropScale", "cropRatio", "flip");
        return new AugmentationRule
        {
            CropScale = Range(node.Required("cropScale"), 0.0001, 1),
            CropRatio = Range(node.Required("cropRatio"), 0.01, 100),
            Flip = node.Required("flip").Number(0, 1),
        };
    }

    private static IReadOnlyList<double> Range(ConfigurationNode node, double least, double most)
    {
        var range = node.Numbers(2, least, most);
        return range[0] <= range[1] ? range : throw node.Error("the range runs backwards; allowed: [least, most].");
    }
}
