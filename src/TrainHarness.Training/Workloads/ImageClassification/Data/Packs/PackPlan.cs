using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>What is to be packed, complete: decided before anything is written.</summary>
internal sealed record PackPlan
{
    private PackPlan() { }

    /// <summary>The source in the words of messages.</summary>
    public required string Where { get; init; }

    public required IExampleSource Source { get; init; }

    /// <summary>Training examples first, then validation.</summary>
    public required IReadOnlyList<ExampleEntry> Examples { get; init; }

    /// <summary>All that the file's header will say; its checksums are not known yet.</summary>
    public required DatasetPackHeader Header { get; init; }

    /// <summary>Lists the source and selects from it.</summary>
    /// <exception cref="ConfigurationException">The source or the subset is not as it must be.</exception>
    public static PackPlan For(IExampleSource source, string name, string where, Subset subset, int side)
    {
        var all = source.List();
        var classes = SubsetSelection.Classes(subset, all, where);
        var examples = SubsetSelection.Examples(subset, all, classes);
        var train = examples.Count(example => example.Split == Split.Train);
        return new PackPlan
        {
            Where = where,
            Source = source,
            Examples = examples,
            Header = new DatasetPackHeader
            {
                Name = name,
                Side = side,
                ClassNames = classes,
                TrainCount = train,
                ValidationCount = examples.Count - train,
                Subset = subset,
                Unreadable = [],
                PassedOver = source.PassedOver,
                Remarks = source.Remarks is { Count: > 0 } remarks ? remarks : null,
                SourceStamp = Stamp(source, name, subset, side),
                SourceFingerprint = PackFormat.UnknownChecksum,
                PayloadSha256 = PackFormat.UnknownChecksum,
            },
        };
    }

    /// <summary>The same without some of its examples, which the header then names.</summary>
    /// <param name="positions">Of examples that cannot be decoded.</param>
    /// <exception cref="ConfigurationException">A class would have no example left in a split.</exception>
    public PackPlan Without(IReadOnlyCollection<int> positions)
    {
        ExampleEntry[] kept = [.. Examples.Where((_, position) => !positions.Contains(position))];
        var filled = kept.Select(example => (example.Split, example.ClassName)).ToHashSet();
        if (Examples.FirstOrDefault(example => !filled.Contains((example.Split, example.ClassName))) is { } lost)
            throw new ConfigurationException(
                $"{Where}: no image of {ImageLayout.FolderOf(lost.Split)}/{lost.ClassName} can be decoded; allowed: at least one of "
                    + $"each class and split"
            );
        var train = kept.Count(example => example.Split == Split.Train);
        string[] names = [.. positions.Select(position => Examples[position].Name).Order(StringComparer.Ordinal)];
        return this with
        {
            Examples = kept,
            Header = Header with { TrainCount = train, ValidationCount = kept.Length - train, Unreadable = names },
        };
    }

    /// <summary>Equal stamps mean that a pack that is already there is the one that would be made.</summary>
    public static string Stamp(IExampleSource source, string name, Subset subset, int side)
    {
        using var hash = new ContentHash();
        return hash.Add(PackFormat.Version).Add(name).Add(source.Stamp).Add(Canonical(subset)).Add(side).Finish();
    }

    /// <summary>One text per meaning: the order in which classes are listed has none.</summary>
    public static string Canonical(Subset subset)
    {
        var classes = subset.Classes is null ? "all" : string.Join('/', subset.Classes.Order(StringComparer.Ordinal));
        var first = subset.FirstClasses?.ToString(CultureInfo.InvariantCulture) ?? "all";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"classes {classes}\nfirst {first}\ntrain {subset.TrainFraction:R}\nvalidation {subset.ValidationFraction:R}\n"
        );
    }

    public int[] Labels()
    {
        var labels = Header
            .ClassNames.Select((name, label) => (name, label))
            .ToDictionary(pair => pair.name, pair => pair.label, StringComparer.Ordinal);
        return [.. Examples.Select(example => labels[example.ClassName])];
    }
}
