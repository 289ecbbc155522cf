using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>The keys of a recipe that only translation has.</summary>
/// <param name="LabelSmoothing">From 0 to below 1.</param>
/// <param name="Dropout">Likewise.</param>
internal sealed record TranslationRecipe(double LabelSmoothing, double Dropout)
{
    /// <summary>As they stand in a recipe.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["labelSmoothing", "dropout"];

    /// <summary>Of a recipe for which there is no <see cref="Refusal"/>.</summary>
    public static TranslationRecipe Of(Recipe recipe) => new(Part(recipe, "labelSmoothing")!.Value, Part(recipe, "dropout")!.Value);

    /// <summary>What of a recipe cannot be trained with, in one line; null where all can.</summary>
    public static string? Refusal(Recipe recipe)
    {
        if (Keys.FirstOrDefault(key => Part(recipe, key) is null) is { } wrong)
            return $"'{wrong}' of the recipe is {(recipe.Own?.GetValueOrDefault(wrong) is { } written ? $"'{written}'" : "missing")}; allowed: a number from 0 to 0.999.";
        if (recipe.Plain.Initialisation != InitialWeights.Torchvision)
            return "'initialisation' of 'plain' is 'he'; allowed: torchvision, which here is the start of the network's paper.";
        return recipe.Precision == Precision.Bf16 ? "'precision' is bf16; allowed for translation: fp32, tf32." : null;
    }

    private static double? Part(Recipe recipe, string key) =>
        recipe.Own?.GetValueOrDefault(key) is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var part) && part is >= 0 and <= 0.999
            ? part
            : null;
}
