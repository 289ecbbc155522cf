using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>One key of a mapping: all that the program knows of it.</summary>
/// <param name="Description">One sentence, which editors show.</param>
/// <param name="IsOptional">Whether it may be missing. What then holds is what the mapping's blank value has.</param>
/// <param name="Read">The value with what stands in the file.</param>
/// <param name="Write">What stands in a file for the value; null leaves the key out.</param>
/// <param name="Schema">JSON Schema of what stands behind the key.</param>
public sealed record Field<T>(
    string Name,
    string Description,
    bool IsOptional,
    Func<T, ConfigurationNode, T> Read,
    Func<T, object?> Write,
    Func<JsonObject> Schema
)
{
    /// <summary>What <c>recipes</c> says of it in a word or two; nothing where there is nothing to say.</summary>
    public Func<T, IEnumerable<string>> Words { get; init; } = _ => [];

    /// <summary>Whether it is written after the others, as protocol 1 did, and read among them.</summary>
    internal bool IsWrittenLast { get; init; }

    /// <summary>The same, named in <c>recipes</c> wherever it is on, which is wherever it is written.</summary>
    public Field<T> Called(string words) => this with { Words = value => Write(value) is null ? [] : [words] };
}

/// <summary>Declares keys.</summary>
public static class Field
{
    /// <param name="get">What a value has of it.</param>
    /// <param name="set">A value with another.</param>
    /// <param name="within">The kind where the keys before it narrow it; null where they do not.</param>
    public static Field<T> Required<T, TValue>(
        string name,
        Kind<TValue> kind,
        string description,
        Func<T, TValue> get,
        Func<T, TValue, T> set,
        Func<T, Kind<TValue>>? within = null
    )
        where TValue : notnull =>
        new(name, description, IsOptional: false, Reading(kind, set, within), value => kind.Write(get(value)), kind.Schema);

    /// <param name="get">What a value has of it; null leaves the key out.</param>
    /// <inheritdoc cref="Required"/>
    public static Field<T> Optional<T, TValue>(
        string name,
        Kind<TValue> kind,
        string description,
        Func<T, TValue?> get,
        Func<T, TValue, T> set,
        Func<T, Kind<TValue>>? within = null
    )
        where TValue : struct =>
        new(
            name,
            description,
            IsOptional: true,
            Reading(kind, set, within),
            value => get(value) is { } given ? kind.Write(given) : null,
            kind.Schema
        );

    /// <inheritdoc cref="Optional{T, TValue}(string, Kind{TValue}, string, Func{T, TValue?}, Func{T, TValue, T}, Func{T, Kind{TValue}}?)"/>
    public static Field<T> Optional<T, TValue>(
        string name,
        Kind<TValue> kind,
        string description,
        Func<T, TValue?> get,
        Func<T, TValue, T> set,
        Func<T, Kind<TValue>>? within = null
    )
        where TValue : class =>
        new(
            name,
            description,
            IsOptional: true,
            Reading(kind, set, within),
            value => get(value) is { } given ? kind.Write(given) : null,
            kind.Schema
        );

    private static Func<T, ConfigurationNode, T> Reading<T, TValue>(
        Kind<TValue> kind,
        Func<T, TValue, T> set,
        Func<T, Kind<TValue>>? within
    )
        where TValue : notnull => (value, node) => set(value, (within?.Invoke(value) ?? kind).Read(node));
}
