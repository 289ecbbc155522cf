using TrainHarness.Compute;

namespace TrainHarness.Published;

/// <summary>How a published number counts: a named convention, or another one in its own words. Only equal ones are divided.</summary>
/// <param name="Named">Null for another convention.</param>
/// <param name="Other">What it counts; null for a named one.</param>
public sealed record PublishedConvention(Convention? Named, string? Other)
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
    public static PublishedConvention? Parse(string text) =>
        text.StartsWith(OtherPrefix, StringComparison.Ordinal) ? new(null, text[OtherPrefix.Length..])
        : Array.Find(Names, pair => pair.Name == text) is { Name: not null } named ? new(named.Convention, null)
        : null;
}
