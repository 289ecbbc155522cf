using System.Text.Json.Nodes;

namespace TrainHarness.Protocol;

/// <summary>
/// The learning rates that each entry of a study is tried with, one grid for all that need no other, and how much training a try gets.
/// </summary>
public sealed record ScanRule
{
    /// <summary>Keys of a scan.</summary>
    /// <param name="minEpochs">Which every recipe can be cut to.</param>
    /// <param name="entries">Those that are scanned, without a rate.</param>
    internal static Fields<ScanRule> Fields(int minEpochs, IReadOnlyCollection<string> entries) =>
        new(
            new ScanRule
            {
                LearningRates = [],
                Epochs = null,
                TrainFraction = 1,
            },
            Field.Required(
                "learningRates",
                Kind.List(Kind.Positive(1000), min: 2) with
                {
                    Read = ReadGrid,
                },
                "At least two, rising.",
                (ScanRule scan) => scan.LearningRates,
                (scan, value) => scan with { LearningRates = value }
            ),
            Field.Optional(
                "epochs",
                Kind.Whole(minEpochs, 100_000),
                "Length of the schedule of a try; the recipe's own where it is missing.",
                (ScanRule scan) => scan.Epochs,
                (scan, value) => scan with { Epochs = value }
            ) with
            {
                IsWrittenLast = true,
            },
            Field.Optional(
                "trainFraction",
                Kind.Positive(1),
                "Part of the study's own training examples; all of them where it is missing.",
                (ScanRule scan) => (double?)scan.TrainFraction,
                (scan, value) => scan with { TrainFraction = value }
            ),
            Field.Optional(
                "further",
                RatesByEntry(entries, ReadFurther, min: 1),
                "Rates besides the grid for entries whose best one lay at its edge: ARCHITECTURE.RECIPE: [RATE].",
                (ScanRule scan) => scan.Further.Count > 0 ? scan.Further : null,
                (scan, value) => scan with { Further = value }
            ),
            Field.Optional(
                "instead",
                RatesByEntry(entries, ReadGrid, min: 2),
                "Rates in place of the grid for entries whose optimizer has rates of another size: ARCHITECTURE.RECIPE: [RATE].",
                (ScanRule scan) => scan.Instead.Count > 0 ? scan.Instead : null,
                (scan, value) => scan with { Instead = value }
            )
        );

    /// <summary>At least two, rising.</summary>
    public required IReadOnlyList<double> LearningRates { get; init; }

    /// <summary>Length of the schedule of a try; null keeps the recipe's own.</summary>
    public required int? Epochs { get; init; }

    /// <summary>Part of the study's own training examples, above 0, at most 1.</summary>
    public required double TrainFraction { get; init; }

    /// <summary>Rates besides the grid, by the entries that are tried with them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Further { get; init; } = new Dictionary<string, IReadOnlyList<double>>();

    /// <summary>Rates in place of the grid, likewise: plain gradients need others than Adam.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Instead { get; init; } = new Dictionary<string, IReadOnlyList<double>>();

    /// <summary>All rates that an entry is tried with, rising.</summary>
    /// <param name="entry">Its name without a rate.</param>
    public IReadOnlyList<double> RatesOf(string entry) =>
        [.. Instead.GetValueOrDefault(entry, LearningRates).Concat(Further.GetValueOrDefault(entry, [])).Distinct().Order()];

    private static Kind<IReadOnlyDictionary<string, IReadOnlyList<double>>> RatesByEntry(
        IReadOnlyCollection<string> entries,
        Func<ConfigurationNode, IReadOnlyList<double>> read,
        int min
    ) =>
        new(
            node =>
                node.Keys()
                    .ToDictionary(
                        entry =>
                            entries.Contains(entry)
                                ? entry
                                : throw node.Required(entry).Error($"'{entry}' is not scanned; {NearNames.Allowed(entry, entries)}"),
                        entry => read(node.Required(entry))
                    ),
            rates => rates.ToDictionary(entry => entry.Key, entry => (object?)entry.Value.ToList()),
            () => new JsonObject { ["type"] = "object", ["additionalProperties"] = Kind.List(Kind.Positive(1000), min).Schema() }
        );

    private static List<double> ReadFurther(ConfigurationNode node)
    {
        List<double> rates = [.. node.Items().Select(item => item.Positive(1000))];
        return rates.Count > 0 ? rates : throw node.Error("no learning rate; allowed: at least one.");
    }

    private static List<double> ReadGrid(ConfigurationNode node)
    {
        List<double> grid = [.. node.Items().Select(item => item.Positive(1000))];
        return grid.Count >= 2 && grid.SequenceEqual(grid.Distinct().Order())
            ? grid
            : throw node.Error("no grid of learning rates; allowed: at least two, rising.");
    }
}
