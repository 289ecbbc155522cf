using System.Globalization;
using System.Text.RegularExpressions;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// The Parquet files of a folder that make up its two splits: those that begin with the split's name, in the folder, in <c>data/</c> below
/// it, or in the one folder below it that has some. Where their names say how many there are (<c>train-00000-of-00294</c>),
/// all of them are needed.
/// </summary>
internal sealed partial class ShardFiles
{
    private const string Train = "train";
    private const string Test = "test";
    private static readonly string[] Validations = ["validation", "valid", "val", "dev"];

    // A folder that may not be entered holds no shards that could be read.
    private static readonly EnumerationOptions Here = new() { AttributesToSkip = FileAttributes.None };

    private readonly Dictionary<Split, IReadOnlyList<string>> files;

    private ShardFiles(Dictionary<Split, IReadOnlyList<string>> files, IReadOnlyList<string> remarks)
    {
        this.files = files;
        Remarks = remarks;
    }

    /// <summary>Which files are read for validation where that is not obvious, and which are not read.</summary>
    public IReadOnlyList<string> Remarks { get; }

    public static bool IsAt(string folder) => Directory.Exists(folder) && PlacesIn(folder).Count > 0;

    /// <exception cref="ConfigurationException">A split or a shard is missing, or there is more than one set of shards.</exception>
    public static ShardFiles In(string folder)
    {
        var places = PlacesIn(folder);
        var found = places.SelectMany(FilesIn).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        var where = places.Count == 1 ? places[0] : folder;
        var validation = ValidationOf(found, where);
        if (found.TrueForAll(file => file.Split != Train))
            throw new ConfigurationException($"{where}: no train-*.parquet; {Allowed}");
        List<Shard> train = Of(found, Train),
            second = Of(found, validation);
        string[] missing = [.. new[] { train, second }.Select(shards => Missing(shards)).OfType<string>()];
        if (missing.Length > 0)
            throw new ConfigurationException($"{where}: shards are missing: {string.Join("; ", missing)}; allowed: all of them");
        return new ShardFiles(
            new() { [Split.Train] = [.. train.Select(shard => shard.Path)], [Split.Validation] = [.. second.Select(shard => shard.Path)] },
            [.. RemarksOn(found, validation, second)]
        );
    }

    public IReadOnlyList<string> Of(Split split) => files[split];

    private static string Allowed => $"allowed: train-*.parquet, and one of {string.Join(", ", [.. Validations, Test])} for -*.parquet";

    private static List<string> PlacesIn(string folder)
    {
        List<string> usual = [.. ((string[])[folder, Path.Combine(folder, "data")]).Where(HasShards)];
        if (usual.Count > 0)
            return usual;
        List<string> below =
        [
            .. Directory
                .EnumerateDirectories(folder, "*", Here)
                .Where(place => !IsSplit(Path.GetFileName(place)) && HasShards(place))
                .Order(StringComparer.Ordinal),
        ];
        return below.Count < 2
            ? below
            : throw new ConfigurationException(
                $"{folder}: there are shards in {Path.GetFileName(below[0])}/ and in {Path.GetFileName(below[1])}/; "
                    + "allowed: the path of one of them"
            );
    }

    private static bool IsSplit(string name) => ((string[])[Train, Test, .. Validations]).Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool HasShards(string place) => Directory.Exists(place) && FilesIn(place).Any(file => file.Split.Length > 0);

    private static IEnumerable<Shard> FilesIn(string place) => Directory.EnumerateFiles(place, "*.parquet", Here).Select(Shard.At);

    private static List<Shard> Of(List<Shard> found, string split) => [.. found.Where(file => file.Split == split)];

    private static string ValidationOf(List<Shard> found, string where)
    {
        string[] there = [.. Validations.Where(name => found.Exists(file => file.Split == name))];
        if (there.Length > 1)
            throw new ConfigurationException(
                $"{where}: there are {Pattern(found, there[0])} and {Pattern(found, there[1])}; allowed: one of them"
            );
        if (there.Length == 1)
            return there[0];
        return found.Exists(file => file.Split == Test)
            ? Test
            : throw new ConfigurationException($"{where}: no validation-*.parquet; {Allowed}");
    }

    private static string Pattern(List<Shard> found, string split) =>
        found.Exists(file => file.Split == split && file.Name.Contains('-', StringComparison.Ordinal))
            ? $"{split}-*.parquet"
            : $"{split}.parquet";

    private static IEnumerable<string> RemarksOn(List<Shard> found, string validation, List<Shard> second)
    {
        if (validation != Validations[0])
            yield return $"validation: {Pattern(second, validation)}";
        var others = found.Where(file => file.Split != Train && file.Split != validation).ToList();
        if (others.Count > 0)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"not read: {others.Count} other Parquet files, {others[0].Name} first"
            );
    }

    /// <summary>Which shards of a split are not there, by what the names of the others say; null where none is missing.</summary>
    private static string? Missing(List<Shard> shards)
    {
        RequireDistinct(shards, shard => shard.Name.ToUpperInvariant());
        var first = shards[0];
        if (shards.Find(shard => shard.Total != first.Total) is { } other)
            throw new ConfigurationException(
                $"{other.Path}: is not of the set of {first.Path}, whose names end otherwise; allowed: the shards of one set"
            );
        if (first.Total is not { } total)
            return null;
        if (shards.Find(shard => shard.Index >= total) is { } beyond)
            throw new ConfigurationException($"{beyond.Path}: there is no such shard; allowed: shard 0 to {total - 1} of {total}");
        RequireDistinct(shards, shard => shard.Index);
        if (shards.Count == total)
            return null;
        var there = shards.Select(shard => shard.Index).ToHashSet();
        var missing = Enumerable.Range(0, total).First(index => !there.Contains(index));
        var number = missing.ToString(CultureInfo.InvariantCulture).PadLeft(first.Digits, '0');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{total - shards.Count} of {total} of {first.Split}, {first.Split}-{number}-of-{first.TotalDigits}.parquet first"
        );
    }

    private static void RequireDistinct<TKey>(List<Shard> shards, Func<Shard, TKey> key)
    {
        if (shards.GroupBy(key).FirstOrDefault(group => group.Count() > 1)?.ToList() is { } same)
            throw new ConfigurationException($"{same[1].Path}: is the same shard as {same[0].Path}; allowed: each once");
    }

    /// <param name="Split">Of the names above; empty where it is another file.</param>
    /// <param name="Index">From 0; null where the name does not say of how many it is.</param>
    private sealed partial record Shard(string Path, string Split, int? Index, int? Total, int Digits, string TotalDigits)
    {
        public string Name => System.IO.Path.GetFileName(Path);

        public static Shard At(string path)
        {
            var match = Form().Match(System.IO.Path.GetFileName(path));
            var (index, total) = (match.Groups["index"], match.Groups["total"]);
#pragma warning disable CA1308 // The splits are named in lower case.
            var split = match.Groups["split"].Value.ToLowerInvariant();
#pragma warning restore CA1308
            if (total.Success && Number(total.Value, path) == 0)
                throw new ConfigurationException($"{path}: is of no shards; allowed: names as train-00000-of-00294.parquet");
            return index.Success
                ? new Shard(path, split, Number(index.Value, path), Number(total.Value, path), index.Length, total.Value)
                : new Shard(path, split, null, null, 0, "");
        }

        private static int Number(string digits, string path) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new ConfigurationException(
                    $"{path}: {digits} is no number of a shard; allowed: names as train-00000-of-00294.parquet"
                );

        // What comes behind the numbers is a checksum that older files have.
        [GeneratedRegex(
            @"^(?<split>train|validation|valid|val|dev|test)(-(?<index>[0-9]+)-of-(?<total>[0-9]+)(-[^.]*)?|-.*)?\.parquet$",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
        )]
        private static partial Regex Form();
    }
}
