namespace TrainHarness.Protocol;

/// <summary>
/// The scan of a study as a study of its own: every entry with every rate of the grid, one seed, to the end of the schedule.
/// Its trials are recorded as any other's, and so is their compute (results/PROTOCOL.md, the target).
/// </summary>
public static class LearningRateScan
{
    /// <summary>Name of the scan's results folder.</summary>
    public static string NameOf(Study study) => study.Name + "-scan";

    /// <exception cref="ArgumentException">The study has no scan.</exception>
    public static Study Of(Study study)
    {
        var rule = study.Scan ?? throw new ArgumentException("The study has no scan.", nameof(study));
        var entries = study
            .AllEntries.Select(NameWithoutRate)
            .Distinct()
            .SelectMany(name =>
                rule.RatesOf(name).Select(rate => Entry(study.AllEntries.First(entry => NameWithoutRate(entry) == name), rate, rule))
            )
            .ToList();
        return study with
        {
            Name = NameOf(study),
            Settings = study.Settings.WithTrainFraction(rule.TrainFraction),
            Target = new Target(study.Target.Metric, null, FromBaseline: true),
            Baseline = entries[0],
            Entries = entries[1..],
            Seeds = [study.Seeds[0]],
            Stop = StopRule.AtScheduleEnd,
            Scan = null,
            ScanOf = study.Name,
            Prices = null,
            Ablation = null,
            Scale = null,
        };
    }

    /// <summary>The entry that the rates are tried for: architecture, recipe, and what else than the rate its variant changes.</summary>
    public static string NameWithoutRate(Entry entry) => NameOf(entry, entry.Variant?.WithoutRate);

    private static string NameOf(Entry entry, EntryVariant? variant) =>
        string.Join('.', [entry.Architecture, entry.Recipe.Name, .. variant is null ? Array.Empty<string>() : [variant.ToString()]]);

    private static Entry Entry(Entry entry, double rate, ScanRule rule)
    {
        var variant = (entry.Variant ?? new EntryVariant()) with { LearningRate = rate };
        return new Entry(
            NameOf(entry, variant),
            entry.Architecture,
            rule.Epochs is { } epochs ? entry.Recipe.Over(epochs) : entry.Recipe,
            variant
        );
    }
}
