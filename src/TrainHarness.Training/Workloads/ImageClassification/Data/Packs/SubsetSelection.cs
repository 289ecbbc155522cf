using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>
/// Which classes and examples a <see cref="Subset"/> keeps: by the SHA-256 of names alone, so the same everywhere and whatever lies around
/// them.
/// </summary>
public static class SubsetSelection
{
    /// <summary>The first <paramref name="count"/> names by the SHA-256 of their UTF-8 bytes.</summary>
    public static IReadOnlyList<string> FirstByHash(IEnumerable<string> names, int count) =>
        [.. names.OrderBy(ContentHash.OfText, StringComparer.Ordinal).Take(count)];

    /// <summary>How many of <paramref name="count"/> examples a fraction keeps: rounded up, at least one.</summary>
    /// <remarks>In decimal arithmetic: as doubles, 0.07 × 100 is a little more than 7 and would keep 8.</remarks>
    public static int Share(double fraction, int count) => Math.Max(1, (int)Math.Ceiling((decimal)fraction * count));

    /// <summary>What can be refused without seeing the source.</summary>
    /// <exception cref="ConfigurationException">The subset contradicts itself or keeps nothing.</exception>
    internal static void Check(Subset subset, string where)
    {
        if (subset.Classes is not null && subset.FirstClasses is not null)
            throw new ConfigurationException($"{where}: the subset names its classes and a number of classes; allowed: one of them");
        if (subset.Classes is { Count: 0 })
            throw new ConfigurationException($"{where}: the subset's list of classes is empty; allowed: at least one class");
        if (subset.Classes?.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ConfigurationException($"{where}: the subset names class {twice.Key} twice; allowed: each class once");
        CheckFraction(subset.TrainFraction, "training", where);
        CheckFraction(subset.ValidationFraction, "validation", where);
    }

    /// <summary>Names of the kept classes in ordinal order; a label is an index of this list.</summary>
    /// <exception cref="ConfigurationException">The subset names a class that is not there, or more classes than there are.</exception>
    internal static IReadOnlyList<string> Classes(Subset subset, IReadOnlyList<ExampleEntry> entries, string where)
    {
        var all = entries.Select(entry => entry.ClassName).ToHashSet(StringComparer.Ordinal);
        if (subset.Classes?.FirstOrDefault(name => !all.Contains(name)) is { } unknown)
            throw new ConfigurationException($"{where}: no class {unknown}; allowed: {Shortened(all)}");
        if (subset.FirstClasses is { } first && (first < 1 || first > all.Count))
            throw new ConfigurationException($"{where}: first {first} classes; allowed: 1 to {all.Count}");
        IEnumerable<string> kept = subset.Classes ?? FirstByHash(all, subset.FirstClasses ?? all.Count);
        return [.. kept.Order(StringComparer.Ordinal)];
    }

    /// <summary>The kept examples: training first, then validation, each in ordinal order of name.</summary>
    internal static IReadOnlyList<ExampleEntry> Examples(Subset subset, IReadOnlyList<ExampleEntry> entries, IReadOnlyList<string> classes)
    {
        var keptClasses = classes.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. entries
                .Where(entry => keptClasses.Contains(entry.ClassName))
                .GroupBy(entry => (entry.Split, entry.ClassName))
                .SelectMany(group => Part(group, group.Key.Split == Split.Train ? subset.TrainFraction : subset.ValidationFraction))
                .OrderBy(entry => entry.Split)
                .ThenBy(entry => entry.Name, StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<ExampleEntry> Part(IEnumerable<ExampleEntry> group, double fraction)
    {
        if (fraction == 1)
            return group;
        var byName = group.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        return FirstByHash(byName.Keys, Share(fraction, byName.Count)).Select(name => byName[name]);
    }

    private static void CheckFraction(double fraction, string what, string where)
    {
        if (!(fraction > 0 && fraction <= 1))
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{where}: a {what} fraction of {fraction} leaves a class without examples or asks for too many; allowed: above 0, "
                        + $"at most 1"
                )
            );
    }

    private static string Shortened(HashSet<string> names)
    {
        const int shown = 10;
        var first = string.Join(", ", names.Order(StringComparer.Ordinal).Take(shown));
        return names.Count > shown ? FormattableString.Invariant($"{first} and {names.Count - shown} more") : first;
    }
}
