namespace TrainHarness.Protocol;

/// <summary>Recipes of a study: those written in the file itself, then those in configs/recipes.</summary>
/// <param name="inline">The key <c>recipes</c> of the study; null where it has none.</param>
/// <param name="own">Keys of a recipe that its workload has; null where nobody knows them.</param>
internal sealed class RecipeBook(ConfigurationFolders folders, ConfigurationNode? inline, IReadOnlyList<Field<Recipe>>? own)
{
    private readonly Dictionary<string, Recipe> read = [];

    public Recipe Find(string name, ConfigurationNode place)
    {
        if (!read.TryGetValue(name, out var recipe))
        {
            var written = inline?.Optional(name);
            recipe = RecipeReader.Read(name, written ?? ConfigurationNode.Load(folders.Find("recipes", name, place)), own);
            // Only a study file names code.
            if (written is null && recipe.Optimizer is OwnRule rule)
                throw place.Error(
                    $"the recipe '{name}' names code ('{rule.Source.Name}'), which a file of recipes may not; "
                        + "allowed: write it under 'recipes' of the study."
                );
            read[name] = recipe;
        }

        return recipe;
    }
}
