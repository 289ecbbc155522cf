using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TrainHarness.Cli.Tests.Workloads;

/// <summary>
/// The JSON Schemas that editors read, beside the program that reads the files. A validator of somebody else says what the schemas say.
/// </summary>
public sealed partial class SchemaTests : IDisposable
{
    private static readonly string Configs = Path.Combine(Trainharness.Repository, "configs");

    private static readonly Dictionary<string, JsonSchema> Shipped = Loaded(Path.Combine(Configs, "schemas"));

    private readonly WorkFolder folder = new();

    public static TheoryData<string> Files =>
        [
            .. Directory
                .EnumerateFiles(Configs, "*.yaml", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Configs, file).Replace('\\', '/'))
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_schemas_are_those_that_follow_from_the_keys_that_the_program_reads()
    {
        var schemas = Schemas.All(WorkloadCatalog.Shipped.Vocabularies);
        foreach (var (name, text) in schemas)
            Snapshot.MatchesFile(Path.Combine(Configs, "schemas", name), text);
        Assert.Equal(
            schemas.Keys.Order(),
            Directory.EnumerateFiles(Path.Combine(Configs, "schemas")).Select(file => Path.GetFileName(file)).Order()
        );
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_shipped_file_names_its_schema_in_its_first_line_and_is_as_that_says(string name)
    {
        var file = Path.Combine(Configs, name);
        var named = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(file)!, FirstLine().Match(File.ReadLines(file).First()).Groups[1].Value)
        );
        Assert.Equal(Path.Combine(Configs, "schemas", SchemaOf(name)), named);
        Assert.True(IsValid(Shipped[SchemaOf(name)], Yaml(File.ReadAllText(file))));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_with_a_mistake_is_refused_by_the_schema_as_by_the_program(string name)
    {
        folder.Write($"configs/{name}", "");
        var changed = folder[$"configs/{name}"];
        var mistakes = 0;
        foreach (var (text, what, isOfKeysOrTypes) in Mistakes(File.ReadAllText(Path.Combine(Configs, name))))
        {
            File.WriteAllText(changed, text);
            var (isRead, isValid) = (IsRead(name, changed), IsValid(Shipped[SchemaOf(name)], Yaml(text)));
            // An editor marks nothing that the program takes, and every mistake that needs no other file to be seen.
            Assert.True(isValid || !isRead, $"{name}, {what}: the program reads it, and the schema refuses it.\n{text}");
            Assert.True(
                isRead || !isValid || !isOfKeysOrTypes,
                $"{name}, {what}: the program refuses it, and the schema does not.\n{text}"
            );
            mistakes += isRead ? 0 : 1;
        }

        Assert.True(mistakes > 10, $"{name}: only {mistakes} mistakes were tried.");
    }

    [Fact]
    public void A_study_of_another_workload_has_its_own_keys_in_the_schema_and_a_recipe_likewise()
    {
        foreach (var (name, text) in Schemas.All(WorkloadCatalog.Shipped.With(new Parity()).Vocabularies))
            folder.Write($"schemas/{name}", text);
        var schemas = Loaded(folder["schemas"]);
        var (study, recipe) = (schemas["study.schema.json"], schemas["recipe.schema.json"]);
        Assert.True(IsValid(study, Yaml(ParityTests.Study)));
        Assert.False(IsValid(study, Yaml(ParityTests.Study.Replace("bits: 4", "", StringComparison.Ordinal))));
        Assert.False(IsValid(study, Yaml(ParityTests.Study.Replace("bits: 4", "bits: 17", StringComparison.Ordinal))));
        Assert.False(IsValid(study, Yaml(ParityTests.Study + "\nimageSize: 64")));
        Assert.False(
            IsValid(study, Yaml(ParityTests.Study.Replace("workload: parity", "workload: image-classification", StringComparison.Ordinal)))
        );
        Assert.True(IsValid(study, Yaml(File.ReadAllText(Path.Combine(Configs, "studies", "quickstart.yaml")))));
        Assert.False(IsValid(study, Yaml(File.ReadAllText(Path.Combine(Configs, "studies", "quickstart.yaml")) + "\nbits: 4")));
        Assert.True(IsValid(recipe, Yaml(ParityTests.Recipe)));
        Assert.False(IsValid(recipe, Yaml(ParityTests.Recipe + "\nlabelSmoothing: 0")));
        Assert.True(IsValid(recipe, Yaml(File.ReadAllText(Path.Combine(Configs, "recipes", "swin.yaml")))));
    }

    [GeneratedRegex(@"^# yaml-language-server: \$schema=(\S+)$")]
    private static partial Regex FirstLine();

    private static string SchemaOf(string name) =>
        name.Split('/')[0] switch
        {
            "studies" => "study.schema.json",
            "recipes" => "recipe.schema.json",
            "datasets" => "dataset.schema.json",
            "clusters" => "cluster.schema.json",
            "prices.yaml" => "prices.schema.json",
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No schema is known for it."),
        };

    private static bool IsRead(string name, string file)
    {
        try
        {
            _ = name.Split('/')[0] switch
            {
                "studies" => StudyReader.Read(file, WorkloadCatalog.Shipped.Vocabularies),
                "recipes" => RecipeReader.Read("changed", ConfigurationNode.Load(file)),
                "datasets" => DatasetReader.Read("changed", ConfigurationNode.Load(file)),
                "clusters" => ClusterReader.Fields.Read(ConfigurationNode.Load(file)),
                _ => (object)PriceReader.Fields.Read(ConfigurationNode.Load(file)),
            };
            return true;
        }
        catch (ConfigurationException)
        {
            return false;
        }
    }

    // The recipe first: a study refers to it.
    private static Dictionary<string, JsonSchema> Loaded(string folder)
    {
        var options = new BuildOptions { SchemaRegistry = new SchemaRegistry() };
        return Directory
            .EnumerateFiles(folder)
            .Order(StringComparer.Ordinal)
            .ToDictionary(file => Path.GetFileName(file), file => JsonSchema.FromFile(file, options));
    }

    private static bool IsValid(JsonSchema schema, JsonNode? value) => schema.Evaluate(JsonSerializer.SerializeToElement(value)).IsValid;

    /// <summary>A YAML text as JSON, its plain values typed as YAML 1.2 does: what an editor holds against a schema.</summary>
    private static JsonNode? Yaml(string text) => Json(Root(text));

    private static YamlNode Root(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents[0].RootNode;
    }

    private static JsonNode? Json(YamlNode node) =>
        node switch
        {
            YamlMappingNode mapping => new JsonObject(
                mapping.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))
            ),
            YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
            YamlScalarNode { Style: not ScalarStyle.Plain } quoted => JsonValue.Create(quoted.Value),
            YamlScalarNode { Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
            YamlScalarNode { Value: { } number } when Number().IsMatch(number) => JsonNode.Parse(
                double.Parse(number, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture)
            ),
            YamlScalarNode { Value: "" or "~" or "null" } => null,
            YamlScalarNode plain => JsonValue.Create(plain.Value),
            _ => throw new ArgumentException(node.GetType().Name, nameof(node)),
        };

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();

    /// <summary>
    /// The file with one mistake each: a key too many or too few, a value of another type, a number far outside. The last says whether the
    /// mistake shows in the file alone.
    /// </summary>
    private static IEnumerable<(string Text, string What, bool IsOfKeysOrTypes)> Mistakes(string text)
    {
        for (var index = 0; ; index++)
        {
            var root = Root(text);
            if (Nodes(root, "").ElementAtOrDefault(index) is not { Node: { } node, Path: { } path })
                yield break;
            switch (node)
            {
                case YamlMappingNode mapping:
                    foreach (var key in mapping.Children.Keys.ToList())
                    {
                        var value = mapping.Children[key];
                        mapping.Children.Remove(key);
                        // A recipe that is not in the file, or none of them, may be in a folder, and what an ablation names stands
                        // elsewhere in the file.
                        yield return (
                            Text(root),
                            $"without {path}/{key}",
                            path is not ("/recipes" or "/ablation/changes" or "/ablation/entries") && $"{path}/{key}" != "/recipes"
                        );
                        mapping.Children.Add(key, value);
                    }

                    // The program reads the recipes that entries name; an editor looks at the others too.
                    if (path == "/recipes")
                        break;
                    mapping.Add("nonsense", "1");
                    yield return (Text(root), $"{path}/nonsense", true);
                    break;
                case YamlScalarNode scalar:
                    var isNumber = scalar.Style == ScalarStyle.Plain && Number().IsMatch(scalar.Value!);
                    string[] wrongs = isNumber
                        ? ["word", "-1.0e300", "1.0e300", "true", "''", "[1]", "{ nonsense: 1 }"]
                        : ["''", "[]", "{ nonsense: 1 }"];
                    foreach (var wrong in isNumber && !scalar.Value!.Contains('.', StringComparison.Ordinal) ? [.. wrongs, "1.5"] : wrongs)
                    {
                        // A level is judged by its metric, and the end of a range by the other one.
                        var isJudged = Judged().IsMatch(path) && Number().IsMatch(wrong);
                        yield return (Text(Replaced(Root(text), index, Root(wrong))), $"{path}: {wrong}", !isJudged);
                    }

                    break;
                case YamlSequenceNode:
                    foreach (var wrong in (string[])["1", "{ nonsense: 1 }", "[[]]"])
                        yield return (Text(Replaced(Root(text), index, Root(wrong))), $"{path}: {wrong}", true);
                    break;
            }
        }
    }

    [GeneratedRegex("/(atLeast|atMost|crop(Scale|Ratio)/[01])$")]
    private static partial Regex Judged();

    private static IEnumerable<(YamlNode Node, string Path)> Nodes(YamlNode node, string path) =>
        (
            node switch
            {
                YamlMappingNode mapping => mapping.SelectMany(pair => Nodes(pair.Value, $"{path}/{pair.Key}")),
                YamlSequenceNode list => list.SelectMany((item, index) => Nodes(item, $"{path}/{index}")),
                _ => [],
            }
        ).Prepend((node, path));

    // By its place: equal nodes are equal to YamlDotNet.
    private static YamlNode Replaced(YamlNode root, int index, YamlNode with)
    {
        var node = Nodes(root, "").ElementAt(index).Node;
        foreach (var (parent, _) in Nodes(root, "").ToList())
        {
            if (
                parent is YamlMappingNode mapping
                && mapping.Children.FirstOrDefault(pair => ReferenceEquals(pair.Value, node)).Key is { } key
            )
                mapping.Children[key] = with;
            else if (
                parent is YamlSequenceNode list
                && list.Children.Index().Where(child => ReferenceEquals(child.Item, node)).ToList() is [var child]
            )
                list.Children[child.Index] = with;
        }

        return root;
    }

    private static string Text(YamlNode root)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        return text.ToString().Replace("\n...", "", StringComparison.Ordinal);
    }
}
