using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>The keys that every study has, whatever its workload.</summary>
internal static partial class StudyFields
{
    // Ten times what a report has been tried with.
    private const int MaxTrials = 100_000;

    // Most file systems allow 255, and a scan's name and a file's ending come after.
    private const int MaxName = 200;

    private const string Part = "[A-Za-z0-9_][A-Za-z0-9_-]*";

    /// <summary>What holds where no key says otherwise.</summary>
    private static readonly Study Blank = new()
    {
        Name = "",
        Settings = WrittenSettings.None,
        Target = new Target(Metric.OfProtocol1("", chance: null), null, FromBaseline: false),
        Baseline = new Entry("", "", RecipeReader.Blank, null),
        Entries = [],
        Seeds = [],
        Stop = StopRule.AtTarget,
        EvaluateEveryExamples = 1,
        CheckpointEveryMinutes = 1,
        Threads = 1,
    };

    /// <summary>Keys of a study that is to be measured, by their names and schemas.</summary>
    public static Fields<Study> ToMeasure { get; } = Of(Blank, new StudyVocabulary("", _ => [], []), (_, _) => RecipeReader.Blank);

    /// <summary>Keys of the resolved study in a results folder, by their names and as they are written.</summary>
    public static Fields<Study> Resolved { get; } = Of(Blank, workload: null, (_, _) => RecipeReader.Blank);

    /// <param name="blank">With what was read before these keys: workload and settings.</param>
    /// <param name="workload">Null for a resolved study, whose workload need not be at hand.</param>
    /// <param name="recipes">Finds a recipe by its name, which stands there.</param>
    public static Fields<Study> Of(
        Study blank,
        StudyVocabulary? workload,
        Func<string, ConfigurationNode, Recipe> recipes,
        SourceBook? sources = null
    ) =>
        new(blank, [.. All(workload, recipes, sources ?? new SourceBook("", workload))])
        {
            Finish = (study, root) =>
                (study.Entries.Count + 1L) * study.Seeds.Count <= MaxTrials
                    ? study
                    : throw root.Required("seeds")
                        .Error(
                            $"{study.Entries.Count + 1} entries with {study.Seeds.Count} seeds each are too many; allowed: {MaxTrials} "
                                + $"trials."
                        ),
        };

    /// <summary>
    /// The version of the rules that a study is measured by: a study that somebody writes by this program's, a results folder by those that
    /// it says.
    /// </summary>
    public static int ReadProtocol(ConfigurationNode? node, bool isMeasured)
    {
        if (node is null)
            return isMeasured ? ProtocolVersion.Current : ProtocolVersion.First;
        var version = node.Whole(1, int.MaxValue);
        return version <= ProtocolVersion.Current && (!isMeasured || version == ProtocolVersion.Current)
            ? version
            : throw node.Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'protocol' is {version}; this program measures by protocol {ProtocolVersion.Current} and reports "
                        + $"{ProtocolVersion.First} to {ProtocolVersion.Current}."
                )
            );
    }

    private static IEnumerable<Field<Study>> All(
        StudyVocabulary? workload,
        Func<string, ConfigurationNode, Recipe> recipes,
        SourceBook sources
    )
    {
        yield return Field.Required(
            "name",
            FolderName,
            "Name of the results folder.",
            (Study study) => study.Name,
            (study, value) => study with { Name = value }
        );
        // Studies are older than the key.
        yield return Field.Optional(
            "workload",
            Kind.Text,
            $"The kind of problem; {StudyVocabulary.Unnamed} where it is missing.",
            (Study study) => study.Workload == StudyVocabulary.Unnamed ? null : study.Workload,
            (study, value) => study with { Workload = value }
        );
        yield return Field.Required(
            "target",
            Kind.Mapping(TargetReader.Fields(ProtocolVersion.Current, workload is null ? null : [])),
            "What every entry must reach.",
            (Study study) => study.Target,
            (study, value) => study with { Target = value },
            study => Kind.Mapping(TargetReader.Fields(study.Protocol, workload?.Metrics(study.Settings)))
        ) with
        {
            Write = study => TargetReader.Fields(study.Protocol, metrics: null).Lines(study.Target),
        };
        yield return Field.Required(
            "baseline",
            EntryKind(Blank, workload, recipes, sources),
            "The entry that the others are measured against: ARCHITECTURE.RECIPE.",
            (Study study) => study.Baseline,
            (study, value) => study with { Baseline = value },
            study => EntryKind(study, workload, recipes, sources)
        );
        yield return Field.Required(
            "entries",
            EntriesKind(Blank, workload, recipes, sources),
            "What is measured besides: ARCHITECTURE.RECIPE or ARCHITECTURE.RECIPE.VARIANT.",
            (Study study) => study.Entries,
            (study, value) => study with { Entries = value },
            study => EntriesKind(study, workload, recipes, sources)
        );
        yield return Field.Required(
            "seeds",
            Kind.List(Kind.Whole(0, int.MaxValue), min: 1) with
            {
                Read = ReadSeeds,
            },
            "One trial of every entry each.",
            (Study study) => study.Seeds,
            (study, value) => study with { Seeds = value }
        );
        yield return Field.Required(
            "stop",
            Kind.Choice(("at-target", StopRule.AtTarget), ("at-schedule-end", StopRule.AtScheduleEnd)),
            "When a trial ends.",
            (Study study) => study.Stop,
            (study, value) => study with { Stop = value }
        );
        yield return Field.Required(
            "evaluateEveryExamples",
            Kind.Whole(1, int.MaxValue),
            "Training examples between two evaluations, the same for all entries.",
            (Study study) => study.EvaluateEveryExamples,
            (study, value) => study with { EvaluateEveryExamples = value }
        );
        yield return Field.Required(
            "checkpointEveryMinutes",
            Kind.Positive(100_000),
            "Training time between two checkpoints.",
            (Study study) => study.CheckpointEveryMinutes,
            (study, value) => study with { CheckpointEveryMinutes = value }
        );
        yield return Field.Required(
            "threads",
            Kind.Whole(1, 1024),
            "Threads of one trial on the CPU.",
            (Study study) => study.Threads,
            (study, value) => study with { Threads = value }
        );
        yield return Field.Optional(
            "recipes",
            RecipesKind,
            "Recipes that stand before those under configs/recipes, by their names.",
            (Study study) => study.AllEntries.Select(entry => entry.Recipe).DistinctBy(recipe => recipe.Name).ToList(),
            (study, _) => study
        );
        yield return Field.Optional(
            "sources",
            SourcesKind,
            "Checksums of code of the user's own, by the names of architectures; written by the program.",
            // By checksum alone: what a results folder says is never run.
            (Study study) =>
                study.Sources.Where(source => study.AllEntries.Any(entry => entry.Architecture == source.Name)).ToList()
                    is { Count: > 0 } own
                    ? own
                    : null,
            (study, _) => study
        );
        yield return Field.Optional(
            "protocol",
            Kind.Whole(1, int.MaxValue) with
            {
                Schema = () => new JsonObject { ["const"] = ProtocolVersion.Current },
            },
            "Version of the measuring rules, those of this program.",
            // A folder of protocol 1 does not say so.
            (Study study) => study.Protocol == ProtocolVersion.First ? null : study.Protocol,
            (study, value) => study with { Protocol = value }
        );
        yield return Field.Optional(
            "deterministic",
            Kind.Flag,
            "Whether a GPU must give the same bits every time, which costs speed; false where it is missing.",
            (Study study) => study.Deterministic ? true : null,
            (study, value) => study with { Deterministic = value }
        );
        yield return Field.Optional(
            "scan",
            Kind.Mapping(ScanRule.Fields(1, [])),
            "How the learning rates of the entries are looked for.",
            (Study study) => study.Scan,
            (study, value) => study with { Scan = value },
            study =>
                Kind.Mapping(
                    ScanRule.Fields(
                        (int)Math.Ceiling(Math.Max(1, study.AllEntries.Max(entry => entry.Recipe.WarmUpEpochs))),
                        [.. study.AllEntries.Select(LearningRateScan.NameWithoutRate).Distinct()]
                    )
                )
        );
        if (workload is null)
        {
            yield return Field.Optional(
                "scanOf",
                Kind.Text,
                "Name of the study whose learning rates this one scans.",
                (Study study) => study.ScanOf,
                (study, value) => study with { ScanOf = value }
            );
        }

        yield return Field.Optional(
            "ablation",
            AblationReader.KindOf([]),
            "Which entry has which of the changes from the baseline to a modern entry, for what each change gave.",
            (Study study) => study.Ablation,
            (study, value) => study with { Ablation = value },
            study => AblationReader.KindOf([.. study.Entries.Select(entry => entry.Name)])
        );
        yield return Field.Optional(
            "scale",
            ScaleReader.KindOf(FolderName),
            "Which other studies tell, with this one, how error falls with compute and data.",
            (Study study) => study.Scale,
            (study, value) => study with { Scale = value }
        );
        yield return Field.Optional(
            "prices",
            PriceReader.AsKind,
            "What an hour of a device costs; stands before configs/prices.yaml.",
            (Study study) => study.Prices,
            (study, value) => study with { Prices = value }
        );
    }

    // They are read where an entry names them; what nobody names is not looked at.
    private static Kind<List<Recipe>> RecipesKind =>
        new(
            _ => [],
            recipes => recipes.ToDictionary(recipe => recipe.Name, RecipeReader.Lines),
            () =>
                new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = new JsonObject { ["$ref"] = Schemas.RecipeFile },
                }
        );

    // They are read before the entries, which may be of them.
    private static Kind<List<OwnSource>> SourcesKind =>
        new(
            _ => [],
            sources => sources.ToDictionary(source => source.Name, source => source.Sha256),
            () =>
                new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9a-f]{64}$" },
                }
        );

    private static Kind<string> FolderName =>
        Kind.Text with
        {
            Read = node =>
                FolderPattern().IsMatch(node.Text()) && node.Text().Length <= MaxName
                    ? node.Text()
                    : throw node.Error(
                        $"the name '{node.Text()}' cannot name a results folder; allowed: up to {MaxName} letters, digits, '-', '_', '.'."
                    ),
            Schema = () =>
            {
                var schema = Kind.Text.Schema();
                schema["maxLength"] = MaxName;
                schema["pattern"] = "^[A-Za-z0-9_][A-Za-z0-9._-]*$";
                return schema;
            },
        };

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex FolderPattern();

    private static Kind<Entry> EntryKind(
        Study study,
        StudyVocabulary? workload,
        Func<string, ConfigurationNode, Recipe> recipes,
        SourceBook sources
    ) =>
        new(
            node => ReadEntry(node, study.Settings, workload, recipes, sources),
            entry => entry.Name,
            () =>
                new JsonObject
                {
                    ["anyOf"] = new JsonArray(
                        new JsonObject
                        {
                            ["type"] = "string",
                            ["maxLength"] = MaxName,
                            ["pattern"] = $"^{Part}\\.{Part}{EntryVariant.Pattern}$",
                        },
                        new JsonObject
                        {
                            ["type"] = "object",
                            ["properties"] = new JsonObject
                            {
                                ["architecture"] = Kind.Text.Schema(),
                                ["recipe"] = Kind.Text.Schema(),
                                ["variant"] = Kind.Text.Schema(),
                            },
                            ["required"] = new JsonArray("architecture", "recipe"),
                            ["additionalProperties"] = false,
                        }
                    ),
                }
        );

    private static Kind<IReadOnlyList<Entry>> EntriesKind(
        Study study,
        StudyVocabulary? workload,
        Func<string, ConfigurationNode, Recipe> recipes,
        SourceBook sources
    ) =>
        Kind.List(EntryKind(study, workload, recipes, sources)) with
        {
            Read = node =>
            {
                var entries = new List<Entry>();
                var names = new HashSet<string>(StringComparer.Ordinal) { study.Baseline.Name };
                foreach (var item in node.Items())
                {
                    var entry = ReadEntry(item, study.Settings, workload, recipes, sources);
                    if (!names.Add(entry.Name))
                        throw item.Error($"duplicate entry '{entry.Name}'; the baseline is an entry already.");
                    entries.Add(entry);
                }

                return entries;
            },
        };

    private static Entry ReadEntry(
        ConfigurationNode node,
        IWorkloadSettings settings,
        StudyVocabulary? workload,
        Func<string, ConfigurationNode, Recipe> recipes,
        SourceBook sources
    )
    {
        var name = node.IsMapping ? WrittenOut(node, sources) : node.Text();
        if (OwnSource.IsPlace(name))
        {
            throw node.Error(
                $"'{name}' is no entry; code of your own is written {{ architecture: ./{Path.GetFileName(name.Split('#')[0])}, recipe: "
                    + $"NAME }}."
            );
        }

        var parts = name.Split('.', 3);
        if (parts.Length < 2 || name.Length > MaxName || !parts.Take(2).All(part => FolderPattern().IsMatch(part)))
            throw node.Error(
                $"'{name}' is no entry; allowed: ARCHITECTURE.RECIPE or ARCHITECTURE.RECIPE.VARIANT, up to {MaxName} letters."
            );
        var variant =
            parts.Length < 3
                ? null
                : EntryVariant.Parse(parts[2]) ?? throw node.Error($"unknown variant '{parts[2]}'; allowed: {EntryVariant.Allowed}.");
        if (workload is null)
            return new Entry(name, parts[0], recipes(parts[1], node), variant);
        var isOwn = sources.Has(parts[0]);
        if (!isOwn && !workload.Architectures.Contains(parts[0]))
        {
            var allowed = NearNames.Allowed(parts[0], workload.Architectures, workload.WayToArchitectures);
            throw node.Error($"unknown architecture '{parts[0]}'; {allowed}{WayToOwn(workload)}");
        }

        var recipe = recipes(parts[1], node);
        var seen = variant is null ? settings : Seen(variant);
        if (isOwn && variant is { Width: not null } or { Depth: not null })
            throw node.Error($"'{name}': code of your own has the width and depth that it says; allowed: lr-, data- and size-.");
        return isOwn ? new Entry(name, parts[0], recipe, variant)
            : workload.Refusal(parts[0], seen, recipe, variant) is { } refusal ? throw node.Error($"'{name}': {refusal}")
            : new Entry(name, parts[0], recipe, variant);

        IWorkloadSettings Seen(EntryVariant variant)
        {
            try
            {
                return settings.SeenBy(variant);
            }
            catch (ConfigurationException problem)
            {
                throw node.Error($"'{name}': {problem.Message}");
            }
        }
    }

    private static string WayToOwn(StudyVocabulary workload) =>
        workload.TakesOwnArchitectures
            ? " Code of your own is written { architecture: ./FILE.cs, recipe: NAME }; trainharness new architecture NAME makes one."
            : "";

    /// <returns>ARCHITECTURE.RECIPE or ARCHITECTURE.RECIPE.VARIANT, of an entry whose parts have keys.</returns>
    private static string WrittenOut(ConfigurationNode node, SourceBook sources)
    {
        node.Allow("architecture", "recipe", "variant");
        string[] parts = [sources.Named(node.Required("architecture")), node.Required("recipe").Text()];
        return string.Join('.', node.Optional("variant") is { } variant ? [.. parts, variant.Text()] : parts);
    }

    private static List<int> ReadSeeds(ConfigurationNode node)
    {
        List<int> seeds = [.. node.Items().Select(item => item.Whole(0, int.MaxValue))];
        if (seeds.Distinct().Count() != seeds.Count)
            throw node.Error("duplicate value in the list.");
        return seeds.Count > 0 ? seeds : throw node.Error("'seeds' is empty; allowed: a list of at least one whole number.");
    }
}
