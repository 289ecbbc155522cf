using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>The keys of a recipe that only translation has.</summary>
/// <param name="LabelSmoothing">Part of every subword's probability that all others share.</param>
/// <param name="Dropout">Of all places where the networks have dropout.</param>
/// <param name="IsPerSentence">Whether the loss is the mean of sentences, each the sum over its subwords, and not the mean of
/// subwords.</param>
internal sealed record TranslationRecipe(double LabelSmoothing, double Dropout, bool IsPerSentence)
{
    private const string SmoothingKey = "labelSmoothing";
    private const string DropoutKey = "dropout";
    private const string LossKey = "lossPer";
    private const string PerSentence = "sentence";

    public static IReadOnlyList<Field<Recipe>> Fields { get; } =
    [
        Recipe.OwnField(SmoothingKey, Kind.Number(0, 0.999), "Part of every subword's probability that all others share."),
        Recipe.OwnField(DropoutKey, Kind.Number(0, 0.999), "Probability of dropout, wherever a network has it."),
        Recipe.OwnField(
            LossKey,
            Kind.Choice(("subword", false), (PerSentence, true)),
            "What the loss is a mean of; that of sentences, of which each is the sum over its subwords, needs a smaller rate and a "
                + "wider cut."
        ),
    ];

    /// <summary>Of a recipe that was read with the fields.</summary>
    public static TranslationRecipe Of(Recipe recipe) =>
        new(Number(recipe, SmoothingKey), Number(recipe, DropoutKey), recipe.Own![LossKey] == PerSentence);

    /// <summary>What of a recipe cannot be trained with, in one line; null where all can.</summary>
    public static string? Refusal(Recipe recipe)
    {
        if (recipe.Plain.Initialisation != InitialWeights.Torchvision)
            return "'initialisation' of 'plain' is 'he'; allowed: torchvision, which here is the start of the network's paper.";
        return recipe.Precision == Precision.Bf16 ? "'precision' is bf16; allowed for translation: fp32, tf32." : null;
    }

    private static double Number(Recipe recipe, string key) =>
        double.Parse(recipe.Own![key], NumberStyles.Float, CultureInfo.InvariantCulture);
}
