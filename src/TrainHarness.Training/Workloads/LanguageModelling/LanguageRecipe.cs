using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>The keys of a recipe that only language modelling has.</summary>
/// <param name="StepsPerEpoch">Windows come from places that are drawn, so that nothing else says how long an epoch is.</param>
/// <param name="Dropout">Of all places where the networks have dropout.</param>
internal sealed record LanguageRecipe(int StepsPerEpoch, double Dropout)
{
    private const string StepsKey = "stepsPerEpoch";
    private const string DropoutKey = "dropout";

    public static IReadOnlyList<Field<Recipe>> Fields { get; } =
    [
        Recipe.OwnField(StepsKey, Kind.Whole(1, 1_000_000), "Batches that make up an epoch, each of windows at drawn places of the text."),
        Recipe.OwnField(DropoutKey, Kind.Number(0, 0.999), "Probability of dropout, wherever a network has it."),
    ];

    /// <summary>Of a recipe that was read with the fields.</summary>
    public static LanguageRecipe Of(Recipe recipe) =>
        new(
            int.Parse(recipe.Own![StepsKey], NumberStyles.Integer, CultureInfo.InvariantCulture),
            double.Parse(recipe.Own[DropoutKey], NumberStyles.Float, CultureInfo.InvariantCulture)
        );

    /// <summary>What of a recipe cannot be trained with, in one line; null where all can.</summary>
    public static string? Refusal(Recipe recipe)
    {
        if (recipe.Plain.Initialisation != InitialWeights.Torchvision)
            return "'initialisation' of 'plain' is 'he'; allowed: torchvision, which here is the start of the network's paper.";
        return recipe.Precision == Precision.Bf16 ? "'precision' is bf16; allowed for language modelling: fp32, tf32." : null;
    }
}
