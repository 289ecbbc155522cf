using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>
/// JSON Schemas (draft 2020-12) of the files under configs, by which editors complete and check them. They follow from the fields that read
/// those files; what only the program can know, such as which recipes there are, they leave to it.
/// </summary>
public static class Schemas
{
    internal const string RecipeFile = "recipe.schema.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of every schema by the name of its file in configs/schemas.</summary>
    /// <param name="workloads">Those that studies and recipes may be of.</param>
    public static IReadOnlyDictionary<string, string> All(IReadOnlyList<StudyVocabulary> workloads) =>
        new Dictionary<string, string>
        {
            ["study.schema.json"] = Text("A study", Study(workloads)),
            [RecipeFile] = Text("A recipe", Recipe(workloads)),
            ["dataset.schema.json"] = Text("A dataset", DatasetReader.AsKind.Schema()),
            ["cluster.schema.json"] = Text("What a cluster is asked for", ClusterReader.Fields.Schema()),
            ["prices.schema.json"] = Text("Prices of devices", PriceReader.Fields.Schema()),
        };

    // Which keys a study may have besides the common ones follows from its key 'workload'.
    private static JsonObject Study(IReadOnlyList<StudyVocabulary> workloads)
    {
        var schema = StudyFields.ToMeasure.Schema();
        var properties = schema["properties"]!.AsObject();
        properties["workload"]!["enum"] = new JsonArray([.. workloads.Select(workload => JsonValue.Create(workload.Workload))]);
        List<string> own = [.. workloads.SelectMany(workload => workload.Settings.Names).Distinct()];
        // They may stand there; what may stand behind them is said by the workload that the study names.
        foreach (var key in own)
            properties[key] = new JsonObject();
        schema["allOf"] = new JsonArray([
            .. workloads.Select(workload => new JsonObject { ["if"] = Is(workload), ["then"] = Own(workload, own) }),
        ]);
        return schema;
    }

    private static JsonObject Is(StudyVocabulary workload)
    {
        var named = new JsonObject { ["properties"] = new JsonObject { ["workload"] = new JsonObject { ["const"] = workload.Workload } } };
        // A key that is missing has every value.
        if (workload.Workload != StudyVocabulary.Unnamed)
            named["required"] = new JsonArray("workload");
        return named;
    }

    private static JsonObject Own(StudyVocabulary workload, List<string> ofAll)
    {
        var schema = workload.Settings.Schema();
        schema.Remove("additionalProperties");
        foreach (var key in ofAll.Except(workload.Settings.Names))
            schema["properties"]![key] = false;
        return schema;
    }

    // A recipe does not say whose it is.
    private static JsonObject Recipe(IReadOnlyList<StudyVocabulary> workloads)
    {
        JsonObject[] all = [.. workloads.Select(workload => RecipeReader.FieldsOf(workload.RecipeFields).Schema())];
        return all is [var only] ? only : new JsonObject { ["type"] = "object", ["anyOf"] = new JsonArray([.. all]) };
    }

    private static string Text(string title, JsonObject schema)
    {
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", title);
        return schema.ToJsonString(Options) + "\n";
    }
}
