using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainHarness.Compute;

/// <summary>
/// How a number counts that somebody else states: by a named convention, or by another one in its own words. Only equal ones are divided.
/// </summary>
/// <param name="Named">Null for another convention.</param>
/// <param name="Other">What it counts; null for a named one.</param>
[JsonConverter(typeof(StatedConventionConverter))]
public sealed record StatedConvention(Convention? Named, string? Other)
{
    private const string OtherPrefix = "other: ";

    private static readonly (Convention Convention, string Name)[] Names =
    [
        (Convention.Exact, "exact"),
        (Convention.Paper, "paper"),
        (Convention.AiAndCompute, "ai-and-compute"),
        (Convention.Forward, "forward"),
    ];

    /// <summary>As it stands in files: <c>paper</c>, or <c>other: …</c>.</summary>
    public override string ToString() => Named is { } convention ? NameOf(convention) : OtherPrefix + Other;

    public static string NameOf(Convention convention) => Array.Find(Names, pair => pair.Convention == convention).Name;

    /// <summary>Null where the text is neither a name nor begins with <c>other: </c>.</summary>
    public static StatedConvention? Parse(string text) =>
        text.StartsWith(OtherPrefix, StringComparison.Ordinal) ? new(null, text[OtherPrefix.Length..])
        : Array.Find(Names, pair => pair.Name == text) is { Name: not null } named ? new(named.Convention, null)
        : null;
}

/// <summary>Writes it as it stands in files.</summary>
internal sealed class StatedConventionConverter : JsonConverter<StatedConvention>
{
    public override StatedConvention Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        StatedConvention.Parse(reader.GetString() ?? "") ?? throw new JsonException("no convention of counting.");

    public override void Write(Utf8JsonWriter writer, StatedConvention value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
