using TrainHarness.Compute;

namespace TrainHarness.Protocol;

/// <summary>Reads a recipe strictly: no key is unknown, and only those are optional that turn something on.</summary>
public static class RecipeReader
{
    internal static Recipe Blank { get; } =
        new()
        {
            Name = "",
            Epochs = 1,
            BatchSize = 2,
            Optimizer = SgdRule.Fields.Blank,
            Plain = StartRule.Fields.Blank,
            BatchNormalised = StartRule.Fields.Blank,
            Schedule = CosineSchedule.Fields.Blank,
            WarmUpEpochs = 0,
            Precision = Precision.Fp32,
        };

    /// <summary>A recipe of images.</summary>
    public static Recipe Read(string name, ConfigurationNode node) => Read(name, node, Recipe.ImageFields);

    /// <param name="own">Those of the workload; null where nobody knows them, and what is written stays.</param>
    public static Recipe Read(string name, ConfigurationNode node, IReadOnlyList<Field<Recipe>>? own)
    {
        if (own is not null)
            return FieldsOf(own).ReadBeside(node.Allow([.. Recipe.Fields.Concat(own).Select(field => field.Name)])) with { Name = name };
        var known = FieldsOf([]);
        var left = node.Keys().Except(known.Names).ToDictionary(key => key, key => node.Required(key).Text());
        return known.ReadBeside(node) with { Name = name, Own = left.Count == 0 ? null : left };
    }

    /// <summary>As a resolved study holds it.</summary>
    internal static Dictionary<string, object?> Lines(Recipe recipe) =>
        new([
            .. FieldsOf(Recipe.ImageFields).Lines(recipe),
            .. (recipe.Own ?? new Dictionary<string, string>()).Select(own => KeyValuePair.Create<string, object?>(own.Key, own.Value)),
        ]);

    /// <summary>All keys of a recipe of a workload, in the order in which they are written.</summary>
    internal static Fields<Recipe> FieldsOf(IReadOnlyList<Field<Recipe>> own)
    {
        var all = Recipe.InWrittenOrder.Where(field => Recipe.Fields.Contains(field) || own.Contains(field));
        return new Fields<Recipe>(Blank, [.. all, .. own.Except(Recipe.ImageFields)]);
    }
}
