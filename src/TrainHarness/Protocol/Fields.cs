using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>The keys of a mapping as one sees them who only reads.</summary>
public interface IFields<out T>
{
    IReadOnlyList<string> Names { get; }

    /// <summary>Reads these keys; what else stands beside them is no business of theirs.</summary>
    T ReadBeside(ConfigurationNode node);

    /// <summary>JSON Schema of a mapping that has these keys and no others.</summary>
    JsonObject Schema();
}

/// <summary>The keys of a mapping, each declared once, in the order in which they are read and written.</summary>
/// <param name="Blank">What holds where no key says otherwise. Nobody sees what a required key of it has.</param>
public sealed record Fields<T>(T Blank, params IReadOnlyList<Field<T>> All) : IFields<T>
{
    public IReadOnlyList<string> Names { get; } = [.. All.Select(field => field.Name)];

    /// <summary>
    /// What follows when all keys are read: it refuses those that do not go together, or fills in what follows from others.
    /// </summary>
    public Func<T, ConfigurationNode, T> Finish { get; init; } = (value, _) => value;

    /// <summary>What a schema says of the mapping besides its keys.</summary>
    public Func<JsonObject> Besides { get; init; } = () => [];

    /// <summary>Reads a mapping that has these keys and no others.</summary>
    public T Read(ConfigurationNode node) => ReadBeside(node.Allow(Names));

    public T ReadBeside(ConfigurationNode node)
    {
        var value = Blank;
        foreach (var field in All)
        {
            if ((field.IsOptional ? node.Optional(field.Name) : node.Required(field.Name)) is { } given)
                value = field.Read(value, given);
        }

        return Finish(value, node);
    }

    /// <summary>The mapping of a value: complete, without the keys that it leaves out.</summary>
    public Dictionary<string, object?> Lines(T value) =>
        All.OrderBy(field => field.IsWrittenLast)
            .Select(field => KeyValuePair.Create(field.Name, field.Write(value)))
            .Where(line => line.Value is not null)
            .ToDictionary();

    /// <summary>What <c>recipes</c> says of the keys that are on.</summary>
    public IEnumerable<string> Words(T value) => All.SelectMany(field => field.Words(value));

    public JsonObject Schema()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(All.Select(field => KeyValuePair.Create<string, JsonNode?>(field.Name, Described(field)))),
            ["required"] = new JsonArray([.. All.Where(field => !field.IsOptional).Select(field => JsonValue.Create(field.Name))]),
            ["additionalProperties"] = false,
        };
        foreach (var (key, rule) in Besides())
            schema[key] = rule?.DeepClone();
        return schema;
    }

    private static JsonObject Described(Field<T> field)
    {
        var schema = field.Schema();
        schema.Insert(0, "description", field.Description);
        return schema;
    }
}
