using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Tests.Protocol;

/// <summary>A key has one name: record.json calls what a recipe has as its file does.</summary>
public sealed class RecordKeysTests
{
    // A file has its name outside, and a schedule by steps of epochs is a part of the whole, which the recipe's 'epochs' says.
    private static readonly string[] OnlyInRecords = ["name", "schedule.epochs"];

    // A file leaves out what is off. Records of these say so, and are read for ever.
    private static readonly Dictionary<string, string> SaidThoughOff = new()
    {
        ["optimizer.exemptOneDimensional"] = "false",
        ["augmentation.randAugment.magnitudeDeviation"] = "0",
    };

    public static TheoryData<string> Names =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(ShippedConfigs.Folder, "recipes"), "*.yaml")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_record_has_the_keys_and_values_of_the_recipe_by_the_same_names(string name)
    {
        var file = Path.Combine(ShippedConfigs.Folder, "recipes", name + ".yaml");
        var recipe = RecipeReader.Read(name, ConfigurationNode.Load(file));
        var written = Flat(
            Recipe
                .InWrittenOrder.Select(field => KeyValuePair.Create(field.Name, field.Write(recipe)))
                .Where(line => line.Value is not null)
                .ToDictionary(),
            ""
        );
        var recorded = Flat(JsonNode.Parse(ResultsJson.Write(recipe)), "")
            .Where(line =>
                !OnlyInRecords.Contains(line.Key)
                && !(SaidThoughOff.GetValueOrDefault(line.Key) == line.Value && !written.ContainsKey(line.Key))
            )
            .ToDictionary();
        Assert.Equal(written.OrderBy(line => line.Key, StringComparer.Ordinal), recorded.OrderBy(line => line.Key, StringComparer.Ordinal));
    }

    // Every value by its path: 'optimizer.momentum', 'augmentation.cropScale.0'.
    private static Dictionary<string, string> Flat(object? value, string path)
    {
        string Below(string key) => path.Length == 0 ? key : $"{path}.{key}";
        return value switch
        {
            IReadOnlyDictionary<string, object?> lines => lines.SelectMany(line => Flat(line.Value, Below(line.Key))).ToDictionary(),
            JsonObject lines => lines.SelectMany(line => Flat(line.Value, Below(line.Key))).ToDictionary(),
            JsonArray items => Items(items),
            JsonValue scalar => new() { [path] = Text(scalar.ToString()) },
            string text => new() { [path] = Text(text) },
            IEnumerable items => Items(items),
            null => [],
            _ => new() { [path] = Text(Convert.ToString(value, CultureInfo.InvariantCulture)!) },
        };

        Dictionary<string, string> Items(IEnumerable items) =>
            items.Cast<object?>().SelectMany((item, index) => Flat(item, Below($"{index}"))).ToDictionary();
    }

    // 1.0e-4 and 0.0001 are one number; records write channelsLast for channels-last.
    private static string Text(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("R", CultureInfo.InvariantCulture)
            : text.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
