using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>What may stand behind a key of a file.</summary>
/// <param name="Read">Strictly: what was not understood is a <see cref="Files.ConfigurationException"/>.</param>
/// <param name="Write">As YAML has it: a text, a number, a truth value, a list, or a mapping of them.</param>
/// <param name="Schema">JSON Schema (draft 2020-12) of what is read, made anew by each call. It may allow more, never less.</param>
public sealed record Kind<T>(Func<ConfigurationNode, T> Read, Func<T, object> Write, Func<JsonObject> Schema)
    where T : notnull;

/// <summary>The kinds of values in files.</summary>
public static class Kind
{
    /// <summary>A text that is not empty. YAML takes an unquoted 2026 for a number; here it is a text.</summary>
    public static Kind<string> Text { get; } =
        new(
            node => node.Text(),
            text => text,
            () => new JsonObject { ["type"] = new JsonArray("string", "number", "boolean"), ["minLength"] = 1 }
        );

    public static Kind<bool> Flag { get; } = new(node => node.Flag(), flag => flag, () => new JsonObject { ["type"] = "boolean" });

    public static Kind<double> Number(double min, double max) =>
        new(node => node.Number(min, max), number => number, () => Numeric("number", min, max));

    /// <summary>A number above zero.</summary>
    public static Kind<double> Positive(double max) =>
        new(
            node => node.Positive(max),
            number => number,
            () =>
                new JsonObject
                {
                    ["type"] = "number",
                    ["exclusiveMinimum"] = 0,
                    ["maximum"] = max,
                }
        );

    public static Kind<int> Whole(int min, int max) =>
        new(node => node.Whole(min, max), number => number, () => Numeric("integer", min, max));

    public static Kind<long> Whole(long min, long max) =>
        new(node => node.Whole(min, max), number => number, () => Numeric("integer", min, max));

    public static Kind<T> Choice<T>(params (string Text, T Value)[] choices)
        where T : notnull =>
        new(
            node => node.Choice<T>(choices),
            value => choices.First(choice => choice.Value.Equals(value)).Text,
            () => new JsonObject { ["enum"] = new JsonArray([.. choices.Select(choice => JsonValue.Create(choice.Text))]) }
        );

    /// <summary>So many numbers.</summary>
    public static Kind<IReadOnlyList<double>> Numbers(int count, double min, double max) =>
        new(node => node.Numbers(count, min, max), numbers => numbers.ToList(), () => Listed(Numeric("number", min, max), count, count));

    /// <summary>Two numbers, the first no larger than the second.</summary>
    public static Kind<IReadOnlyList<double>> Range(double min, double max) =>
        Numbers(2, min, max) with
        {
            Read = node =>
                node.Numbers(2, min, max) is var range && range[0] <= range[1]
                    ? range
                    : throw node.Error("the range is reversed; allowed: [min, max]."),
        };

    public static Kind<IReadOnlyList<T>> List<T>(Kind<T> item, int min = 0)
        where T : notnull =>
        new(
            node => [.. node.Items().Select(item.Read)],
            items => items.Select(item.Write).ToList(),
            () => Listed(item.Schema(), min, max: null)
        );

    public static Kind<T> Mapping<T>(Fields<T> fields)
        where T : notnull => new(fields.Read, fields.Lines, fields.Schema);

    /// <summary>One of several mappings, told apart by their key <c>kind</c>.</summary>
    public static Kind<T> OneOf<T>(Variants<T> variants)
        where T : notnull => new(variants.Read, variants.Lines, variants.Schema);

    private static JsonObject Listed(JsonObject item, int min, int? max)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item };
        if (min > 0)
            schema["minItems"] = min;
        if (max is { } items)
            schema["maxItems"] = items;
        return schema;
    }

    private static JsonObject Numeric<T>(string type, T min, T max)
        where T : struct
    {
        var schema = new JsonObject { ["type"] = type };
        // The largest double there is bounds nothing.
        if (min is not double.MinValue)
            schema["minimum"] = JsonValue.Create(min);
        if (max is not double.MaxValue)
            schema["maximum"] = JsonValue.Create(max);
        return schema;
    }
}
