using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// WebDataset shards: tar archives of members KEY.EXTENSION, where an image KEY.jpg has its label in KEY.cls or in KEY.json, in the folder
/// (<c>NAME-train-0000.tar</c>, <c>NAME-val-0000.tar</c>) or in train/ and val/ below it.
/// </summary>
/// <remarks>A class is named by its label, as that of Parquet shards without names; a label that is no number is the class.</remarks>
internal sealed partial class WebDatasetShards : IExampleSource
{
    private const int LargestLabel = 1 << 20;
    private const int MembersToTell = 8;

    // In the order of preference.
    private static readonly string[] ValidationNames = ["val", "valid", "validation", "dev", "test"];

    private readonly string folder;
    private readonly IReadOnlyList<Shard> shards;
    private readonly List<string> remarks = [];
    private readonly PassedOver passedOver = new();
    private readonly Dictionary<string, (Shard Shard, string Member)> placeOf = new(StringComparer.Ordinal);
    private IReadOnlyList<ExampleEntry>? entries;

    private WebDatasetShards(string folder, IReadOnlyList<Shard> shards)
    {
        this.folder = folder;
        this.shards = shards;
        using var hash = new ContentHash();
        foreach (var shard in shards)
            hash.Add(TarTree.StampOf(shard.File));
        Stamp = hash.Finish();
    }

    public string Stamp { get; }

    public IReadOnlyDictionary<string, int> PassedOver
    {
        get
        {
            List();
            return passedOver.Counts;
        }
    }

    public IReadOnlyList<string> Remarks => remarks;

    /// <summary>The shards of a folder; null where it has none for training.</summary>
    /// <exception cref="ConfigurationException">A shard is missing.</exception>
    public static WebDatasetShards? At(FolderTree folder)
    {
        var top = folder.Top("");
        var found = Named(folder, top);
        if (found.All(shard => shard.Word != ImageLayout.TrainFolder))
            found = InFolders(folder, top);
        var train = found.Where(shard => shard.Word == ImageLayout.TrainFolder).ToList();
        if (train.Count == 0)
            return null;
        string[] others = [.. ValidationNames.Where(word => found.Any(shard => shard.Word == word))];
        if (others.Length == 0)
            throw new ConfigurationException(
                $"{folder.Place}: no shards of a validation set beside those of the training set; allowed: NAME-train-0000.tar and "
                    + $"NAME-val-0000.tar, or train/*.tar and val/*.tar"
            );
        var validation = found.Where(shard => shard.Word == others[0]).ToList();
        RequireComplete(folder.Place, train);
        RequireComplete(folder.Place, validation);
        var source = new WebDatasetShards(folder.Place, [.. train, .. validation.Select(shard => shard with { Split = Split.Validation })]);
        if (others[0] != ImageLayout.ValidationFolder || others.Length > 1)
            source.remarks.Add(
                $"validation: shards {others[0]}{(others.Length > 1 ? $" (not read: {string.Join(", ", others[1..])})" : "")}"
            );
        return source;
    }

    public IReadOnlyList<ExampleEntry> List() => entries ??= ReadLayout();

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        List();
        foreach (
            var group in chosen
                .Select((example, index) => (Place: placeOf[example.Name], Index: index))
                .GroupBy(wanted => wanted.Place.Shard)
        )
        {
            var indices = group.ToDictionary(wanted => wanted.Place.Member, wanted => wanted.Index, StringComparer.Ordinal);
            foreach (var member in group.Key.Members())
            {
                if (member.Kind != TreeKind.File || !indices.Remove(member.Name, out var index))
                    continue;
                var encoded = member.Bytes();
                yield return new PendingExample(index, (side, destination) => EncodedImage.Render(encoded, side, destination));
                if (indices.Count == 0)
                    break;
            }

            if (indices.Count > 0)
                throw new ConfigurationException(
                    $"{group.Key.File}: {indices.Keys.First()} is gone; the archive was changed while it was read"
                );
        }
    }

    private static List<Shard> Named(FolderTree folder, IReadOnlyList<TreeEntry> top) =>
        [
            .. top.Where(entry => entry.Kind == TreeKind.File)
                .Select(entry => (entry, Name: NameWithSplit().Match(entry.Leaf)))
                .Where(found => found.Name.Success)
                .Select(found =>
                    Shard.Of(folder.FullName(found.entry.Name), found.Name, found.Name.Groups["split"].Value.ToLowerInvariant())
                )
                .OfType<Shard>(),
        ];

    // Archives of one class each have numbers in their names too; members say which they are.
    private static List<Shard> InFolders(FolderTree folder, IReadOnlyList<TreeEntry> top) =>
        [
            .. top.Where(entry =>
                    entry.Kind == TreeKind.Folder && (entry.Leaf == ImageLayout.TrainFolder || ValidationNames.Contains(entry.Leaf))
                )
                .SelectMany(place =>
                    folder
                        .Top(place.Name)
                        .Where(entry => entry.Kind == TreeKind.File)
                        .Select(entry => (Word: place.Leaf, entry, Name: PlainName().Match(entry.Leaf)))
                )
                .Where(found => found.Name.Success)
                .Select(found => Shard.Of(folder.FullName(found.entry.Name), found.Name, found.Word))
                .OfType<Shard>()
                .GroupBy(shard => shard.Word)
                .Where(shards => shards.First().HasLabels())
                .SelectMany(shards => shards),
        ];

    /// <summary>Numbers from 0 or 1 on without a gap, up to the count where the names say it.</summary>
    private static void RequireComplete(string place, List<Shard> shards)
    {
        foreach (var group in shards.GroupBy(shard => (shard.Group, shard.Count)))
        {
            var numbers = group.Select(shard => shard.Number).ToHashSet();
            var first = numbers.Contains(0) ? 0 : Math.Min(1, numbers.Min());
            var end = group.Key.Count is { } count ? first + count : numbers.Max() + 1;
            var missing = Enumerable.Range(first, Math.Max(0, end - first)).Where(number => !numbers.Contains(number)).ToList();
            if (missing.Count == 0)
                continue;
            var example = group.First();
            var name = Path.GetFileName(example.File)
                .Replace(
                    example.Digits,
                    missing[0].ToString(CultureInfo.InvariantCulture).PadLeft(example.Digits.Length, '0'),
                    StringComparison.Ordinal
                );
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{place}: {missing.Count} of {end - first} shards are missing, first {name}; allowed: every shard"
                )
            );
        }
    }

    private IReadOnlyList<ExampleEntry> ReadLayout()
    {
        var layout = new ImageLayout(folder);
        foreach (var shard in shards)
            AddShard(layout, shard);
        return layout.Entries(Data.PassedOver.Words(passedOver.Counts));
    }

    private void AddShard(ImageLayout layout, Shard shard)
    {
        var images = new Dictionary<string, (string Member, long Length)>(StringComparer.Ordinal);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in shard.Members().Where(member => member.Kind != TreeKind.Folder))
            AddMember(shard, member, images, labels);
        var lone = labels.Keys.Where(key => !images.ContainsKey(key)).Order(StringComparer.Ordinal).FirstOrDefault();
        if (lone is not null)
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{shard.File}: {labels.Keys.Count(key => !images.ContainsKey(key))} labels are there without their images, first "
                        + $"{lone}; allowed: an image for every label"
                )
            );
        foreach (var (key, (member, length)) in images)
        {
            var className = labels.GetValueOrDefault(key)
                ?? throw new ConfigurationException(
                    $"{shard.File}: {member} has no label; allowed: KEY.cls, or KEY.json with 'label', for every image"
                );
            var name = $"{shard.Stem}-{member.Replace('/', '-')}";
            placeOf[layout.AddImage(shard.Split, className, name, length)] = (shard, member);
        }
    }

    private void AddMember(
        Shard shard,
        TarMember member,
        Dictionary<string, (string Member, long Length)> images,
        Dictionary<string, string> labels
    )
    {
        // The key ends at the first dot of the file's name.
        var leaf = member.Name.LastIndexOf('/') + 1;
        var dot = member.Name.IndexOf('.', leaf);
        var key = dot < 0 ? member.Name : member.Name[..dot];
        var extension = dot < 0 ? "" : member.Name[(dot + 1)..].ToLowerInvariant();
        if (member.Kind != TreeKind.File)
            throw new ConfigurationException($"{shard.File}: {member.Name} is a link or a device; allowed: regular files");
        if (ImageNames.IsHidden(member.Name[leaf..]))
            passedOver.Add("hidden");
        else if (extension is "cls" or "json")
            AddLabel(shard, member, key, extension, labels);
        else if (
            !ImageNames.IsImage(member.Name[leaf..]) && !(ImageNames.NeedsLook(member.Name[leaf..]) && member.Look() == ImageKind.Readable)
        )
            passedOver.Add("not an image");
        else if (!images.TryAdd(key, (member.Name, member.Length)))
            throw new ConfigurationException(
                $"{shard.File}: {images[key].Member} and {member.Name} have one key; allowed: one image for each key"
            );
    }

    private static void AddLabel(Shard shard, TarMember member, string key, string extension, Dictionary<string, string> labels)
    {
        if (member.Length > LargestLabel)
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{shard.File}: {member.Name} has {member.Length} bytes; allowed: at most {LargestLabel}"
                )
            );
        var text = Encoding.UTF8.GetString(member.Bytes()).Trim();
        var label = extension == "cls" ? text : LabelOf(shard, member.Name, text);
        if (label is null)
            return;
        var className = int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? string.Create(CultureInfo.InvariantCulture, $"label-{number:D5}")
            : label;
        if (
            className.Length is 0 or > 200
            || className.Contains('/', StringComparison.Ordinal)
            || className.Any(char.IsControl)
            || className.StartsWith('-')
        )
            throw new ConfigurationException(
                $"{shard.File}: {member.Name} has no label; allowed: a whole number from 0, or the name of a class"
            );
        if (labels.TryGetValue(key, out var other) && other != className)
            throw new ConfigurationException(
                $"{shard.File}: {key} has the labels {other} and {className}; allowed: one label for each image"
            );
        labels[key] = className;
    }

    // Null where there is none: the label may stand in KEY.cls.
    private static string? LabelOf(Shard shard, string member, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("label", out var label)
                ? label.ValueKind == JsonValueKind.String
                    ? label.GetString()
                    : label.GetRawText()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ConfigurationException($"{shard.File}: {member} cannot be read: {e.Message}", e);
        }
    }

    [GeneratedRegex(
        @"^(?<group>.*?)(?<split>train|val|valid|validation|dev|test)[-_.]?(?<number>\d{1,9})(-of-(?<of>\d{1,9}))?\.(tar|tar\.gz|tgz)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex NameWithSplit();

    [GeneratedRegex(
        @"^(?<group>.*?)(?<number>\d{1,9})(-of-(?<of>\d{1,9}))?\.(tar|tar\.gz|tgz)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex PlainName();

    /// <param name="Word">How the split is called.</param>
    /// <param name="Digits">The number as it is written.</param>
    private sealed record Shard(
        Split Split,
        string Word,
        string File,
        bool IsCompressed,
        string Group,
        int Number,
        string Digits,
        int? Count
    )
    {
        public string Stem => Path.GetFileName(File) is var name ? name[..name.IndexOf(".t", StringComparison.OrdinalIgnoreCase)] : "";

        public static Shard? Of(string file, Match name, string word) =>
            Mount.Of("", file) is { } archive
                ? new Shard(
                    Split.Train,
                    word,
                    file,
                    archive.IsCompressed,
                    name.Groups["group"].Value,
                    int.Parse(name.Groups["number"].Value, CultureInfo.InvariantCulture),
                    name.Groups["number"].Value,
                    name.Groups["of"].Success ? int.Parse(name.Groups["of"].Value, CultureInfo.InvariantCulture) : null
                )
                : null;

        public IEnumerable<TarMember> Members() => TarTree.Members(File, IsCompressed);

        public bool HasLabels() =>
            Members().Take(MembersToTell).Any(member => Path.GetExtension(member.Name).ToLowerInvariant() is ".cls" or ".json");
    }
}
