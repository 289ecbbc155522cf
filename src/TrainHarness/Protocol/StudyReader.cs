using System.Globalization;
using System.Text.RegularExpressions;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>
/// Reads a study file strictly. The same reader takes the resolved study in a results folder, which holds its recipes and
/// its dataset inline and the frozen threshold.
/// </summary>
public static partial class StudyReader
{
    // Of every workload.
    private static readonly string[] Keys =
    [
        "name", "workload", "target", "baseline", "entries", "seeds", "stop", "evaluateEveryExamples", "checkpointEveryMinutes", "threads", "deterministic",
        "scan", "prices", "recipes", "protocol", "sources",
    ];

    /// <summary>Reads a study that is to be measured.</summary>
    /// <param name="workloads">Those that it may be of.</param>
    /// <exception cref="ConfigurationException">The file is missing or anything in it was not understood.</exception>
    public static Study Read(string file, IReadOnlyList<StudyVocabulary> workloads)
    {
        var root = ConfigurationNode.Load(file);
        var name = root.Optional("workload");
        var wanted = name?.Text() ?? StudyVocabulary.Unnamed;
        var workload = workloads.FirstOrDefault(workload => workload.Workload == wanted)
            ?? throw (name ?? root).Error($"unknown workload '{wanted}'; allowed: {string.Join(", ", workloads.Select(workload => workload.Workload))}.");
        root.Allow([.. Keys, .. workload.Keys]);
        return Read(file, root, workload.Workload, workload);
    }

    /// <summary>Reads the resolved study of a results folder, whose workload need not be at hand.</summary>
    /// <exception cref="ConfigurationException">The file is missing or anything in it was not understood.</exception>
    public static Study ReadResolved(string file)
    {
        var root = ConfigurationNode.Load(file);
        var workload = root.Optional("workload")?.Text() ?? StudyVocabulary.Unnamed;
        if (workload == StudyVocabulary.Unnamed)
            root.Allow([.. Keys, "scanOf", .. ImageSettings.Keys]);
        return Read(file, root, workload, workload: null);
    }

    private static Study Read(string file, ConfigurationNode root, string name, StudyVocabulary? workload)
    {
        var protocol = ReadProtocol(root.Optional("protocol"), isMeasured: workload is not null);
        var folders = ConfigurationFolders.For(file);
        var settings = workload?.Read(root, folders) ?? ReadWritten(root, name, folders);
        var recipes = new RecipeBook(folders, root.Optional("recipes"), workload?.RecipeKeys ?? (name == StudyVocabulary.Unnamed ? ImageSettings.RecipeKeys : null));
        var sources = new SourceBook(file, workload);
        sources.ReadChecksums(root.Optional("sources"));
        var baseline = ReadEntry(root.Required("baseline"), recipes, sources, workload, settings);
        var entries = ReadEntries(root.Required("entries"), recipes, sources, workload, settings, baseline);
        var seeds = ReadSeeds(root.Required("seeds"));
        if ((entries.Count + 1L) * seeds.Count > MostTrials)
            throw root.Required("seeds").Error($"{entries.Count + 1} entries with {seeds.Count} seeds each are too many; allowed: {MostTrials} trials.");
        var study = new Study
        {
            Protocol = protocol,
            Name = Name(root.Required("name")),
            Workload = name,
            Settings = settings,
            Target = TargetReader.Read(root.Required("target"), protocol, workload?.Metrics(settings)),
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
            Sources = sources.All,
        };
        if (workload is not null)
            study.RequireMeaning([study.Target.Metric]);
        return study;
    }

    private static IWorkloadSettings ReadWritten(ConfigurationNode root, string workload, ConfigurationFolders folders) => workload == StudyVocabulary.Unnamed
        ? ImageSettings.Read(root, folders)
        : new WrittenSettings(root.Keys().Except([.. Keys, "scanOf"]).ToDictionary(key => key, key => root.Required(key).Written()));

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

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex FolderName();

    private static string Name(ConfigurationNode node) => FolderName().IsMatch(node.Text()) && node.Text().Length <= LongestName
        ? node.Text()
        : throw node.Error($"the name '{node.Text()}' cannot name a results folder; allowed: up to {LongestName} letters, digits, '-', '_', '.'.");

    // A study that somebody writes is measured by this program's rules; a results folder says by which it was.
    private static int ReadProtocol(ConfigurationNode? node, bool isMeasured)
    {
        if (node is null)
            return isMeasured ? ProtocolVersion.Current : ProtocolVersion.First;
        var version = node.Whole(1, int.MaxValue);
        return version <= ProtocolVersion.Current && (!isMeasured || version == ProtocolVersion.Current)
            ? version
            : throw node.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"'protocol' is {version}; this program measures by protocol {ProtocolVersion.Current} and reports {ProtocolVersion.First} to {ProtocolVersion.Current}."));
    }

    private static List<Entry> ReadEntries(ConfigurationNode node, RecipeBook recipes, SourceBook sources, StudyVocabulary? workload, IWorkloadSettings settings, Entry baseline)
    {
        var entries = new List<Entry>();
        var names = new HashSet<string>(StringComparer.Ordinal) { baseline.Name };
        foreach (var item in node.Items())
        {
            var entry = ReadEntry(item, recipes, sources, workload, settings);
            if (!names.Add(entry.Name))
                throw item.Error($"the entry '{entry.Name}' stands twice; the baseline is an entry already.");
            entries.Add(entry);
        }

        return entries;
    }

    private static Entry ReadEntry(ConfigurationNode node, RecipeBook recipes, SourceBook sources, StudyVocabulary? workload, IWorkloadSettings settings)
    {
        var name = node.IsMapping ? WrittenOut(node, sources) : node.Text();
        if (OwnSource.IsPlace(name))
            throw node.Error($"'{name}' is no entry; code of your own is written {{ architecture: ./{Path.GetFileName(name.Split('#')[0])}, recipe: NAME }}.");
        var parts = name.Split('.', 3);
        if (parts.Length < 2 || name.Length > LongestName || !parts.Take(2).All(part => FolderName().IsMatch(part)))
            throw node.Error($"'{name}' is no entry; allowed: ARCHITECTURE.RECIPE or ARCHITECTURE.RECIPE.lr-NUMBER, up to {LongestName} letters.");
        var variant = parts.Length < 3 ? null : EntryVariant.Parse(parts[2])
            ?? throw node.Error($"unknown variant '{parts[2]}'; allowed: lr-NUMBER, for example lr-0.01.");
        if (workload is null)
            return new Entry(name, parts[0], recipes.Find(parts[1], node), variant);
        var isOwn = sources.Has(parts[0]);
        if (!isOwn && !workload.Architectures.Contains(parts[0]))
            throw node.Error($"unknown architecture '{parts[0]}'; {NearNames.Allowed(parts[0], workload.Architectures, workload.WayToArchitectures)}{WayToOwn(workload)}");

        var recipe = recipes.Find(parts[1], node);
        return isOwn ? new Entry(name, parts[0], recipe, variant) : workload.Refusal(parts[0], settings, recipe) is { } refusal
            ? throw node.Error($"'{name}': {refusal}")
            : new Entry(name, parts[0], recipe, variant);
    }

    private static string WayToOwn(StudyVocabulary workload) =>
        workload.TakesOwnArchitectures ? " Code of your own is written { architecture: ./FILE.cs, recipe: NAME }; trainharness new architecture NAME makes one." : "";

    /// <returns>ARCHITECTURE.RECIPE or ARCHITECTURE.RECIPE.VARIANT, of an entry whose parts have keys.</returns>
    private static string WrittenOut(ConfigurationNode node, SourceBook sources)
    {
        node.Allow("architecture", "recipe", "variant");
        string[] parts = [sources.Named(node.Required("architecture")), node.Required("recipe").Text()];
        return string.Join('.', node.Optional("variant") is { } variant ? [.. parts, variant.Text()] : parts);
    }

    private static IReadOnlyList<int> ReadSeeds(ConfigurationNode node)
    {
        var seeds = Distinct(node, [.. node.Items().Select(item => item.Whole(0, int.MaxValue))]);
        return seeds.Count > 0 ? seeds : throw node.Error("'seeds' is empty; allowed: a list of at least one whole number.");
    }

    private static IReadOnlyList<T> Distinct<T>(ConfigurationNode node, IReadOnlyList<T> values) =>
        values.Distinct().Count() == values.Count ? values : throw node.Error("a value stands twice in the list.");

    /// <summary>Recipes of a study: those written in the file itself, then those in configs/recipes.</summary>
    private sealed class RecipeBook(ConfigurationFolders folders, ConfigurationNode? inline, IReadOnlyCollection<string>? ownKeys)
    {
        private readonly Dictionary<string, Recipe> read = [];

        public Recipe Find(string name, ConfigurationNode place)
        {
            if (!read.TryGetValue(name, out var recipe))
            {
                var node = inline?.Optional(name) ?? ConfigurationNode.Load(folders.Find("recipes", name, place));
                read[name] = recipe = RecipeReader.Read(name, node, ownKeys);
            }

            return recipe;
        }
    }
}
