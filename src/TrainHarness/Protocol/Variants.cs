using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>One of the mappings that a key <c>kind</c> tells apart.</summary>
public sealed record Variant<T>
{
    /// <summary>As it stands behind <c>kind</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What <c>recipes</c> says of a value.</summary>
    public required Func<T, string> Words { get; init; }

    public required Func<T, bool> Has { get; init; }

    public required Func<ConfigurationNode, T> Read { get; init; }

    public required Func<T, Dictionary<string, object?>> Lines { get; init; }

    public required Func<JsonObject> Schema { get; init; }

    public required Func<JsonElement, JsonSerializerOptions, T?> FromJson { get; init; }

    public required Func<T, JsonSerializerOptions, JsonNode> ToJson { get; init; }
}

/// <summary>Declares variants.</summary>
public static class Variant
{
    /// <param name="description">One sentence, which editors show.</param>
    /// <param name="words">What <c>recipes</c> says of a value; its name where this is null.</param>
    public static Variant<T> Of<T, TVariant>(string name, string description, Fields<TVariant> fields, Func<TVariant, string>? words = null)
        where TVariant : T =>
        new()
        {
            Name = name,
            Words = value => words?.Invoke((TVariant)value!) ?? name,
            Has = value => value is TVariant,
            Read = node => fields.ReadBeside(node.Allow(["kind", .. fields.Names])),
            Lines = value => fields.Lines((TVariant)value!),
            Schema = () =>
            {
                var schema = fields.Schema();
                schema["properties"]!.AsObject().Insert(0, "kind", new JsonObject { ["description"] = description, ["const"] = name });
                schema["required"]!.AsArray().Insert(0, "kind");
                return schema;
            },
            FromJson = (json, options) => json.Deserialize<TVariant>(options),
            ToJson = (value, options) => JsonSerializer.SerializeToNode((TVariant)value!, options)!,
        };
}

/// <summary>Mappings that a key <c>kind</c> tells apart: every optimizer, every schedule. One more is one more line.</summary>
public sealed class Variants<T>(params IReadOnlyList<Variant<T>> all)
{
    public IReadOnlyList<Variant<T>> All => all;

    /// <summary>The variant that a value is of.</summary>
    public Variant<T> Of(T value) => all.First(variant => variant.Has(value));

    /// <summary>What <c>recipes</c> says of a value.</summary>
    public string Words(T value) => Of(value).Words(value);

    public T Read(ConfigurationNode node) =>
        node.Required("kind").Choice<Variant<T>>([.. all.Select(variant => (variant.Name, variant))]).Read(node);

    public Dictionary<string, object?> Lines(T value) => new([new("kind", Of(value).Name), .. Of(value).Lines(value)]);

    public JsonObject Schema() =>
        new()
        {
            ["type"] = "object",
            ["required"] = new JsonArray("kind"),
            ["anyOf"] = new JsonArray([.. all.Select(variant => variant.Schema())]),
        };
}

/// <summary>Writes the kind into record.json, before the properties of the type that it names.</summary>
/// <param name="unnamed">The kind of records that name none.</param>
internal abstract class KindConverter<T>(Variants<T> variants, string? unnamed) : JsonConverter<T>
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var kind = document.RootElement.TryGetProperty("kind", out var text) ? text.GetString() : unnamed;
        return (
            variants.All.FirstOrDefault(variant => variant.Name == kind) ?? throw new JsonException($"unknown kind '{kind}'.")
        ).FromJson(document.RootElement, options);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var fields = variants.Of(value).ToJson(value, options).AsObject();
        fields.Insert(0, "kind", variants.Of(value).Name);
        fields.WriteTo(writer, options);
    }
}
