namespace TrainHarness.Protocol;

/// <summary>An architecture with a recipe, and what a variant changes of them: <c>resnet18.sgd-smooth90.lr-0.05</c>.</summary>
public sealed record Entry(string Name, string Architecture, Recipe Recipe, EntryVariant? Variant)
{
    /// <summary>The recipe's rule for the architecture, with the variant applied.</summary>
    public StartRule StartFor(bool hasBatchNormalisation)
    {
        var start = Recipe.StartFor(hasBatchNormalisation);
        return Variant is { LearningRate: { } rate } ? start with { LearningRate = rate } : start;
    }
}
