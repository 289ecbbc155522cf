using System.Text.Json;
using System.Text.Json.Serialization;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// An optimizer that is code of the user's own. Only a study file names the file; what is written of it is its name and its checksum.
/// </summary>
public sealed record OwnRule : OptimizerRule
{
    private const string Checksum = " sha256:";

    private static readonly Kind<OwnSource> Code = new(Read, Words, Kind.Text.Schema);

    public static Fields<OwnRule> Fields { get; } =
        Of(
            new OwnRule { Source = new OwnSource("", null, null, ""), WeightDecay = 0 },
            Field.Required(
                "code",
                Code,
                "File of the class, relative to the study: ./Lion.cs, ./Lion.cs#TYPE or ./My.dll#TYPE.",
                (OwnRule rule) => rule.Source,
                (rule, value) => rule with { Source = value }
            )
        );

    [JsonPropertyName("code")]
    [JsonConverter(typeof(OwnSourceConverter))]
    public required OwnSource Source { get; init; }

    /// <summary><c>Lion sha256:…</c></summary>
    internal static string Words(OwnSource source) => source.Name + Checksum + source.Sha256;

    /// <summary>Null where a text is no name with a checksum.</summary>
    internal static OwnSource? Known(string text) =>
        text.Split(Checksum) is [var name, var sum] && OwnSource.Names().IsMatch(name) && OwnSource.Checksums().IsMatch(sum)
            ? new OwnSource(name, null, null, sum)
            : null;

    private static OwnSource Read(ConfigurationNode node)
    {
        var text = node.Text();
        if (Known(text) is { } known)
            return known;
        if (OwnSource.IsOfResults(node.File))
            throw node.Error(
                $"'{text}': a results folder names no code; allowed: a name with its checksum, or another name than study.yaml for a study "
                    + $"file of your own."
            );
        try
        {
            return OwnSource.Read(text, Path.GetDirectoryName(Path.GetFullPath(node.File))!);
        }
        catch (ConfigurationException error)
        {
            throw node.Error(error.Message);
        }
    }
}

/// <summary>Writes name and checksum, and reads no place of a file: a record names no code.</summary>
internal sealed class OwnSourceConverter : JsonConverter<OwnSource>
{
    public override OwnSource Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        OwnRule.Known(reader.GetString() ?? "") ?? throw new JsonException("'code' is no name with a checksum.");

    public override void Write(Utf8JsonWriter writer, OwnSource value, JsonSerializerOptions options) =>
        writer.WriteStringValue(OwnRule.Words(value));
}
