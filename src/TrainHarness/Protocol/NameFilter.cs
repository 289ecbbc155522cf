using System.IO.Enumeration;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// Which names of a list are asked for: those that hold a text, or that a pattern with <c>*</c> and <c>?</c> fits whole. Case does not
/// matter.
/// </summary>
public sealed class NameFilter(string text)
{
    private readonly bool isPattern = text.AsSpan().IndexOfAny('*', '?') >= 0;

    /// <summary>The rows whose names are asked for; all of them without a filter.</summary>
    /// <param name="kind">What the rows are, in the singular, for the error: <c>recipe</c>.</param>
    /// <exception cref="ConfigurationException">There are none.</exception>
    public static IReadOnlyList<T> Apply<T>(string? text, IReadOnlyList<T> rows, Func<T, string> nameOf, string kind)
    {
        if (text is null)
            return rows;
        var filter = new NameFilter(text);
        List<T> fitting = [.. rows.Where(row => filter.Fits(nameOf(row)))];
        return fitting.Count > 0
            ? fitting
            : throw new ConfigurationException($"no {kind} fits '{text}'; {NearNames.Allowed(text, rows.Select(nameOf))}");
    }

    public bool Fits(string name) =>
        isPattern ? FileSystemName.MatchesSimpleExpression(text, name) : name.Contains(text, StringComparison.OrdinalIgnoreCase);
}
