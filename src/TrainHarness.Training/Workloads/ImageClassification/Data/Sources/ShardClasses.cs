using System.Globalization;
using System.Runtime.InteropServices;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// The classes of shards: one for each label, named by the WordNet id in the paths of its rows where there is one. Ids only
/// name; a label that holds several, or none, is named by its number.
/// </summary>
internal sealed class ShardClasses
{
    private readonly SortedDictionary<long, Dictionary<string, Seen>> idsOf = [];

    // Equal ids are one object: there are as many of them as rows.
    private readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);

    /// <returns>The id in the path; null where there is none.</returns>
    public void Add(Split split, long label, string? path, ShardPlace place)
    {
        if (!idsOf.TryGetValue(label, out var seen))
            idsOf.Add(label, seen = new(StringComparer.Ordinal));
        if (path is null || WordNetId.In(path) is not { } found)
            return;
        if (!ids.TryGetValue(found, out var id))
            ids.Add(found, id = found);
        ref var times = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, id, out var known);
        times = (known ? times : new Seen(place, 0, 0)).In(split);
    }

    /// <summary>The name of each label's class, and what is to be said of them.</summary>
    /// <exception cref="ConfigurationException">Rows of one id have different labels: one of the two is wrong.</exception>
    public (IReadOnlyDictionary<long, string> Names, IReadOnlyList<string> Remarks) Name()
    {
        if (NumberImages())
            return (idsOf.Keys.ToDictionary(label => label, LabelName), []);
        RequireOneLabelEach();
        var names = idsOf.ToDictionary(pair => pair.Key, pair => pair.Value.Count == 1 ? pair.Value.Keys.First() : LabelName(pair.Key));
        long[] groups = [.. idsOf.Where(pair => pair.Value.Count > 1).Select(pair => pair.Key)];
        if (groups.Length == 0)
            return (names, []);
        var several = string.Join(" and ", idsOf[groups[0]].Keys.Order(StringComparer.Ordinal).Take(2));
        var said = $"{groups.Length} of {names.Count} labels hold several WordNet ids and are named by their number";
        return (names, [$"{said}; {LabelName(groups[0])} holds {several}"]);
    }

    private static string LabelName(long label) => string.Create(CultureInfo.InvariantCulture, $"label-{label:D5}");

    // Files that are numbered n00000001, n00000002 in every class: more numbers than labels, most of them under several labels, and none
    // twice under one.
    private bool NumberImages()
    {
        var shared = idsOf.Values.SelectMany(seen => seen.Keys).CountBy(id => id, StringComparer.Ordinal).Count(id => id.Value > 1);
        return ids.Count > idsOf.Count
            && 2 * shared > ids.Count
            && idsOf.Values.All(seen => seen.Values.All(times => times is { Train: <= 1, Validation: <= 1 }));
    }

    private void RequireOneLabelEach()
    {
        var labelOf = new Dictionary<string, (long Label, ShardPlace Place)>(StringComparer.Ordinal);
        foreach (var (label, seen) in idsOf)
        {
            foreach (var (id, times) in seen)
            {
                if (!labelOf.TryAdd(id, (label, times.First)))
                    throw new ConfigurationException(
                        $"{times.First} has label {label} and {id} in its path, "
                            + $"and {labelOf[id].Place} has label {labelOf[id].Label} and the same {id}; "
                            + "allowed: one label for each WordNet id, or paths without them"
                    );
            }
        }
    }

    /// <summary>How often an id is in the paths of a label's rows, and where first.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Seen(ShardPlace First, int Train, int Validation)
    {
        public Seen In(Split split) => split == Split.Train ? this with { Train = Train + 1 } : this with { Validation = Validation + 1 };
    }
}

/// <summary>A row of a shard.</summary>
internal sealed record ShardPlace(string Shard, int RowGroup, int Row)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Shard}: row {Row} of row group {RowGroup}");
}
