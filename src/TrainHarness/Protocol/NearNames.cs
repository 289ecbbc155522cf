using System.Globalization;

namespace TrainHarness.Protocol;

/// <summary>What a user may have meant by a name that does not exist, worded the same for every kind of name.</summary>
public static class NearNames
{
    private const int MaxMeant = 3;
    private const int MaxListed = 10;

    // Names are shorter; the time of a comparison grows with the product of both lengths.
    private const int LongestCompared = 200;

    /// <summary>
    /// The end of a message on an unknown name: <c>did you mean resnet50? allowed: resnet50, resnet34, … and 24 more.</c>
    /// </summary>
    /// <param name="given">The name that does not exist.</param>
    /// <param name="names">Those that do, in the order in which they are listed.</param>
    /// <param name="list">How all of them can be seen, where a line cannot hold them; null where there is no such way.</param>
    public static string Allowed(string given, IEnumerable<string> names, string? list = null)
    {
        var ranked = Ranked(given, names);
        var meant = Meant(ranked);
        var listed = ranked.Count <= MaxListed + 1 ? ranked : ranked[..MaxListed];
        var more = ranked.Count - listed.Count;
        var all = string.Join(", ", listed.Select(name => name.Name));
        var rest =
            more == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" and {more} more{(list is null ? "" : $" (see: {list})")}");
        return $"{(meant.Count == 0 ? "" : $"did you mean {Worded(meant)}? ")}allowed: {(ranked.Count == 0 ? "none" : all + rest)}.";
    }

    /// <summary>The names that are nearest, at most three; empty where none is near.</summary>
    public static IReadOnlyList<string> Meant(string given, IEnumerable<string> names) => Meant(Ranked(given, names));

    private static List<string> Meant(List<Ranking> ranked) =>
        [.. ranked.TakeWhile(name => name.IsNear && name.Distance == ranked[0].Distance).Take(MaxMeant).Select(name => name.Name)];

    private static string Worded(List<string> names) => names.Count == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";

    // Near ones first, nearest first; the others keep their order.
    private static List<Ranking> Ranked(string given, IEnumerable<string> names)
    {
        var plain = Plain(given);
        return
        [
            .. names
                .Distinct(StringComparer.Ordinal)
                .Select(name => Of(plain, name))
                .OrderBy(name => name.IsNear ? name.Distance : int.MaxValue),
        ];
    }

    private static Ranking Of(string given, string name)
    {
        var plain = Plain(name);
        var distance = EditDistance.Between(given, plain);
        if (distance <= Math.Max(1, Math.Min(given.Length, plain.Length) / 3))
            return new Ranking(name, distance, IsNear: given.Length > 0);
        // A part of a longer name is meant after any name that is a few letters away.
        return given.Length >= 2 && plain.Contains(given, StringComparison.Ordinal)
            ? new Ranking(name, LongestCompared + (plain.StartsWith(given, StringComparison.Ordinal) ? 0 : 1), IsNear: true)
            : new Ranking(name, distance, IsNear: false);
    }

    // Signs and case are what is most often written otherwise: ResNet-50.
    private static string Plain(string name)
    {
        var letters = string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return letters.Length <= LongestCompared ? letters : letters[..LongestCompared];
    }

    private readonly record struct Ranking(string Name, int Distance, bool IsNear);
}
