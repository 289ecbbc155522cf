using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainHarness.Protocol;

/// <summary>
/// Reads a study file strictly. The same reader takes the resolved study in a results folder, which holds its recipes and
/// its dataset inline and the frozen threshold.
/// </summary>
public static partial class StudyReader
{
    /// <param name="workload">What the study may name; null where only results are read.</param>
    /// <exception cref="ConfigurationException">The file is missing or anything in it was not understood.</exception>
    public static Study Read(string file, Workload? workload)
    {
        var root = ConfigurationNode.Load(file);
        root.Allow([
            "name", "dataset", "subset", "imageSize", "packSize", "target", "baseline", "entries", "seeds", "stop",
            "evaluateEveryExamples", "checkpointEveryMinutes", "threads", "deterministic", "scan", "prices", "recipes", "protocol",
            .. workload is null ? (string[])["scanOf"] : []]);
        var protocol = ReadProtocol(root.Optional("protocol"), workload);
        var folders = ConfigurationFolders.For(file);
        var recipes = new RecipeBook(folders, root.Optional("recipes"));
        var imageSize = root.Required("imageSize").Whole(1, 8192);
        var baseline = ReadEntry(root.Required("baseline"), recipes, workload, imageSize);
        var entries = ReadEntries(root.Required("entries"), recipes, workload, imageSize, baseline);
        var seeds = ReadSeeds(root.Required("seeds"));
        if ((entries.Count + 1L) * seeds.Count > MostTrials)
            throw root.Required("seeds").Error($"{entries.Count + 1} entries with {seeds.Count} seeds each are too many; allowed: {MostTrials} trials.");
        var dataset = Dataset(root.Required("dataset"), folders);
        var subset = ReadSubset(root.Optional("subset"));
        var study = new Study
        {
            Protocol = protocol,
            Name = Name(root.Required("name")),
            Dataset = dataset,
            Subset = subset,
            ImageSize = imageSize,
            PackSize = root.Optional("packSize")?.Whole(imageSize, 8192) ?? UsualPackSize(imageSize),
            Target = TargetReader.Read(root.Required("target"), protocol, workload?.Metrics(dataset, subset)),
            TargetPlace = workload is null ? null : TargetReader.PlaceOf(root.Required("target")),
            Baseline = baseline,
            Entries = entries,
            Seeds = seeds,
            Stop = root.Required("stop").Choice(("at-target", StopRule.AtTarget), ("at-schedule-end", StopRule.AtScheduleEnd)),
            EvaluateEveryExamples = root.Required("evaluateEveryExamples").Whole(1, int.MaxValue),
            CheckpointEveryMinutes = root.Required("checkpointEveryMinutes").Positive(100_000),
            Threads = root.Required("threads").Whole(1, 1024),
            Deterministic = root.Optional("deterministic")?.Flag() ?? false,
            Scan = root.Optional("scan") is { } scan ? ReadScan(scan, entries.Prepend(baseline)) : null,
            ScanOf = root.Optional("scanOf")?.Text(),
            Prices = root.Optional("prices") is { } prices ? PriceReader.Read(prices) : null,
        };
        if (workload is not null)
            study.RequireMeaning([study.Target.Metric]);
        return study;
    }

    private static ScanRule ReadScan(ConfigurationNode node, IEnumerable<Entry> entries)
    {
        node.Allow("learningRates", "epochs", "trainFraction");
        var rates = node.Required("learningRates");
        List<double> grid = [.. rates.Items().Select(item => item.Positive(1000))];
        if (grid.Count < 2 || !grid.SequenceEqual(grid.Distinct().Order()))
            throw rates.Error("'learningRates' is no grid; allowed: at least two rates, rising.");
        var least = (int)Math.Ceiling(Math.Max(1, entries.Max(entry => entry.Recipe.WarmUpEpochs)));
        return new ScanRule
        {
            LearningRates = grid,
            Epochs = node.Optional("epochs")?.Whole(least, 100_000),
            TrainFraction = node.Optional("trainFraction")?.Positive(1) ?? 1,
        };
    }

    // Ten times what a report has been tried with.
    private const int MostTrials = 100_000;

    // Most file systems allow 255, and a scan's name and a file's ending come after.
    private const int LongestName = 200;

    /// <summary>The side that is stored where the study names none: the 256 to 224 of ImageNet practice.</summary>
    private static int UsualPackSize(int imageSize) => (int)Math.Ceiling(imageSize * 256 / 224.0);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex FolderName();

    private static string Name(ConfigurationNode node) => FolderName().IsMatch(node.Text()) && node.Text().Length <= LongestName
        ? node.Text()
        : throw node.Error($"the name '{node.Text()}' cannot name a results folder; allowed: up to {LongestName} letters, digits, '-', '_', '.'.");

    private static DatasetDescription Dataset(ConfigurationNode node, ConfigurationFolders folders)
    {
        if (node.IsMapping)
        {
            node.Allow("name", "description");
            var name = node.Required("name").Text();
            return DatasetReader.Read(name, node.Required("description"));
        }

        var file = folders.Find("datasets", node.Text(), node);
        return DatasetReader.Read(node.Text(), ConfigurationNode.Load(file));
    }

    private static Subset ReadSubset(ConfigurationNode? node)
    {
        if (node is null)
            return Subset.Everything;
        node.Allow("classes", "firstClasses", "trainFraction", "validationFraction");
        var classes = node.Optional("classes");
        var first = node.Optional("firstClasses");
        if (classes is not null && first is not null)
            throw first.Error("'firstClasses' and 'classes' exclude each other; allowed: one of them.");
        return new Subset
        {
            Classes = classes is null || IsAll(classes) ? null : Distinct(classes, [.. classes.Items().Select(item => item.Text())]),
            FirstClasses = first?.Whole(2, 1_000_000),
            TrainFraction = node.Optional("trainFraction")?.Positive(1) ?? 1,
            ValidationFraction = node.Optional("validationFraction")?.Positive(1) ?? 1,
        };
    }

    private static bool IsAll(ConfigurationNode node) => node.IsScalar && node.Choice(("all", true));

    // A study that somebody writes is measured by this program's rules; a results folder says by which it was.
    private static int ReadProtocol(ConfigurationNode? node, Workload? workload)
    {
        if (node is null)
            return workload is null ? ProtocolVersion.First : ProtocolVersion.Current;
        var version = node.Whole(1, int.MaxValue);
        return version <= ProtocolVersion.Current && (workload is null || version == ProtocolVersion.Current)
            ? version
            : throw node.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"'protocol' is {version}; this program measures by protocol {ProtocolVersion.Current} and reports {ProtocolVersion.First} to {ProtocolVersion.Current}."));
    }

    private static List<Entry> ReadEntries(ConfigurationNode node, RecipeBook recipes, Workload? workload, int imageSize, Entry baseline)
    {
        var entries = new List<Entry>();
        var names = new HashSet<string>(StringComparer.Ordinal) { baseline.Name };
        foreach (var item in node.Items())
        {
            var entry = ReadEntry(item, recipes, workload, imageSize);
            if (!names.Add(entry.Name))
                throw item.Error($"the entry '{entry.Name}' stands twice; the baseline is an entry already.");
            entries.Add(entry);
        }

        return entries;
    }

    private static Entry ReadEntry(ConfigurationNode node, RecipeBook recipes, Workload? workload, int imageSize)
    {
        var name = node.Text();
        var parts = name.Split('.', 3);
        if (parts.Length < 2 || name.Length > LongestName || !parts.Take(2).All(part => FolderName().IsMatch(part)))
            throw node.Error($"'{name}' is no entry; allowed: ARCHITECTURE.RECIPE or ARCHITECTURE.RECIPE.lr-NUMBER, up to {LongestName} letters.");
        var variant = parts.Length < 3 ? null : EntryVariant.Parse(parts[2])
            ?? throw node.Error($"unknown variant '{parts[2]}'; allowed: lr-NUMBER, for example lr-0.01.");
        if (workload is null)
            return new Entry(name, parts[0], recipes.Find(parts[1], node), variant);
        if (!workload.Architectures.TryGetValue(parts[0], out var limits))
        {
            throw node.Error(
                $"unknown architecture '{parts[0]}'; {NearNames.Allowed(parts[0], workload.Architectures.Keys, "trainharness architectures")}");
        }

        var recipe = recipes.Find(parts[1], node);
        return limits.Refusal(imageSize, recipe.AuxiliaryLossWeight is not null, recipe.DropPath is not null) is { } refusal
            ? throw node.Error($"'{name}': {refusal}")
            : new Entry(name, parts[0], recipe, variant);
    }

    private static IReadOnlyList<int> ReadSeeds(ConfigurationNode node)
    {
        var seeds = Distinct(node, [.. node.Items().Select(item => item.Whole(0, int.MaxValue))]);
        return seeds.Count > 0 ? seeds : throw node.Error("'seeds' is empty; allowed: a list of at least one whole number.");
    }

    private static IReadOnlyList<T> Distinct<T>(ConfigurationNode node, IReadOnlyList<T> values) =>
        values.Distinct().Count() == values.Count ? values : throw node.Error("a value stands twice in the list.");

    /// <summary>Recipes of a study: those written in the file itself, then those in configs/recipes.</summary>
    private sealed class RecipeBook(ConfigurationFolders folders, ConfigurationNode? inline)
    {
        private readonly Dictionary<string, Recipe> read = [];

        public Recipe Find(string name, ConfigurationNode place)
        {
            if (!read.TryGetValue(name, out var recipe))
            {
                var node = inline?.Optional(name) ?? ConfigurationNode.Load(folders.Find("recipes", name, place));
                read[name] = recipe = RecipeReader.Read(name, node);
            }

            return recipe;
        }
    }
}
