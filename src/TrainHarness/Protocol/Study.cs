using TrainHarness.Files;
using TrainHarness.Protocol.Validation;

namespace TrainHarness.Protocol;

/// <summary>Entries × seeds on one dataset against one target, with one baseline entry.</summary>
public sealed record Study
{
    /// <summary>Version of the measuring rules that its trials were, or will be, measured by.</summary>
    public int Protocol { get; init; } = ProtocolVersion.Current;

    public required string Name { get; init; }

    /// <summary>Name of the kind of problem.</summary>
    public string Workload { get; init; } = StudyVocabulary.Unnamed;

    /// <summary>What its workload says of it: its data, and what else it owns.</summary>
    public required IWorkloadSettings Settings { get; init; }

    public required Target Target { get; init; }

    /// <summary>Where the study says so, for errors: <c>file:line:column</c>; null where no file says it.</summary>
    public string? TargetPlace { get; init; }

    public required Entry Baseline { get; init; }

    /// <summary>The entries besides the baseline, in the order of the file.</summary>
    public required IReadOnlyList<Entry> Entries { get; init; }

    public required IReadOnlyList<int> Seeds { get; init; }

    public required StopRule Stop { get; init; }

    /// <summary>Distance between two evaluations, the same for all entries.</summary>
    public required int EvaluateEveryExamples { get; init; }

    public required double CheckpointEveryMinutes { get; init; }

    public required int Threads { get; init; }

    /// <summary>
    /// Whether a GPU must give the same bits every time, which costs speed. A CPU with one number of threads does so anyway.
    /// </summary>
    public bool Deterministic { get; init; }

    /// <summary>How the learning rates of the entries are looked for; null where the study does not say.</summary>
    public ScanRule? Scan { get; init; }

    /// <summary>Name of the study whose learning rates this one scans; null for every other study.</summary>
    public string? ScanOf { get; init; }

    /// <summary>The changes from the baseline to a modern entry, for what each of them gave; null where the study names none.</summary>
    public AblationRule? Ablation { get; init; }

    /// <summary>
    /// Which trials, its own and those of other studies, tell how error falls with compute and data; null where it does not ask.
    /// </summary>
    public ScaleRule? Scale { get; init; }

    /// <summary>Prices that stand before those of configs/prices.yaml; null where the study names none.</summary>
    public PriceList? Prices { get; init; }

    /// <summary>Code of the user's own that entries are of.</summary>
    public IReadOnlyList<OwnSource> Sources { get; init; } = [];

    /// <summary>Refuses a target that blind guessing reaches.</summary>
    /// <param name="metrics">As the data has them, with chance where it is known.</param>
    /// <exception cref="ConfigurationException">Factors at this target would mean nothing.</exception>
    public void RequireMeaning(IReadOnlyList<Metric> metrics) =>
        TargetCheck.RequireMeaning(
            TargetPlace ?? Name,
            Target with
            {
                Metric = metrics.First(metric => metric.Name == Target.Metric.Name),
            }
        );

    /// <summary>What trials of an entry see of the study's data.</summary>
    public IWorkloadSettings SettingsFor(Entry entry) => entry.Variant is { } variant ? Settings.SeenBy(variant) : Settings;

    /// <summary>Whether trials of an entry run their whole schedule with no target: those that set it, and those of a scan.</summary>
    public bool RunsWithoutTarget(Entry entry) => ScanOf is not null || (Target.FromBaseline && entry == Baseline);

    public IEnumerable<Entry> AllEntries => Entries.Prepend(Baseline);

    /// <summary>
    /// The trials in the order they run: every seed of the baseline, then seed by seed, so that a partial run is a usable study.
    /// </summary>
    public IEnumerable<Trial> Trials =>
        Seeds.Select(seed => new Trial(Baseline, seed)).Concat(Seeds.SelectMany(seed => Entries.Select(entry => new Trial(entry, seed))));
}

/// <summary>What an entry must reach.</summary>
/// <param name="Threshold">Null while it is still to come from the baseline.</param>
/// <param name="FromBaseline">True where the baseline's own final metric is the threshold.</param>
public sealed record Target(Metric Metric, double? Threshold, bool FromBaseline);

/// <summary>When a trial ends.</summary>
public enum StopRule
{
    /// <summary>Two evaluations after the first that reached the target.</summary>
    AtTarget,

    AtScheduleEnd,
}

/// <summary>One training run of one entry with one seed.</summary>
public sealed record Trial(Entry Entry, int Seed)
{
    public string Id => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Entry.Name}/seed-{Seed}");
}
