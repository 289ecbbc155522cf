using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>The keys of a study of self-play: the game, and how strength is measured; the same for all entries.</summary>
internal sealed record SelfPlaySettings : IWorkloadSettings
{
    /// <summary>The keys, as they stand in a study.</summary>
    public static Fields<SelfPlaySettings> Fields { get; } =
        new(
            new SelfPlaySettings
            {
                Size = DecisionPositions.Shipped[0].Size,
                RandomStones = 0,
                Decisions = 1,
                EvaluationSimulations = 1,
                PerfectGames = 0,
            },
            Field.Required(
                "game",
                Kind.Choice([.. DecisionPositions.Shipped.Select(set => (new Hex(set.Size).Name, set.Size))]),
                "The board.",
                (SelfPlaySettings settings) => settings.Size,
                (settings, value) => settings with { Size = value }
            ),
            Field.Required(
                "randomStones",
                Kind.Whole(0, 2),
                "Stones that are put down at random before each game.",
                (SelfPlaySettings settings) => settings.RandomStones,
                (settings, value) => settings with { RandomStones = value }
            ),
            Field.Required(
                "decisions",
                Kind.Whole(1, DecisionPositions.Shipped.Max(set => set.Count)),
                "Solved positions that each evaluation searches.",
                (SelfPlaySettings settings) => settings.Decisions,
                (settings, value) => settings with { Decisions = value },
                settings => Kind.Whole(1, DecisionPositions.Shipped.First(set => set.Size == settings.Size).Count)
            ),
            Field.Required(
                "evaluationSimulations",
                Kind.Whole(1, 100_000),
                "Simulations of each of them.",
                (SelfPlaySettings settings) => settings.EvaluationSimulations,
                (settings, value) => settings with { EvaluationSimulations = value }
            ),
            Field.Required(
                "perfectGames",
                Kind.Whole(0, 100_000),
                "Games against a perfect player at each evaluation; 0 plays none, and is all that a large board allows.",
                (SelfPlaySettings settings) => settings.PerfectGames,
                (settings, value) => settings with { PerfectGames = value },
                settings => Kind.Whole(0, settings.Size <= HexSolver.LargestQuickSize ? 100_000 : 0)
            )
        );

    /// <summary>Cells on a side of the Hex board.</summary>
    public required int Size { get; init; }

    /// <summary>Stones that are put down at random before each game: on an empty board the first player would always win.</summary>
    public required int RandomStones { get; init; }

    /// <summary>Solved positions that each evaluation searches.</summary>
    public required int Decisions { get; init; }

    /// <summary>Of each of them: the same for all entries, or strength of search would be taken for learning.</summary>
    public required int EvaluationSimulations { get; init; }

    /// <summary>Games against a perfect player at each evaluation; 0 plays none.</summary>
    public required int PerfectGames { get; init; }

    public IReadOnlyDictionary<string, object?> Lines => Fields.Lines(this);

    /// <summary>What strength is, and what else an evaluation tells.</summary>
    public IReadOnlyList<Metric> Metrics()
    {
        var chance = DecisionPositions
            .Read(Size, Decisions)
            .Average(decision => (double)Position.Count(decision.WinningMoves) / ((Size * Size) - decision.Position.Ply));
        var game = new Hex(Size).Name;
        var positions = string.Create(CultureInfo.InvariantCulture, $"{game}|{DecisionPositions.Sha256(Size)[..16]}|positions:{Decisions}");
        var simulations = string.Create(CultureInfo.InvariantCulture, $"simulations:{EvaluationSimulations}");
        List<Metric> metrics =
        [
            Part("accuracy", Better.More, chance, $"{positions}|{simulations}"),
            Part("policyAccuracy", Better.More, chance, positions),
            Part("gatePart", Better.Less, chance: null, signature: null) with
            {
                PartOf = Metric.OfGeneration,
            },
        ];
        if (PerfectGames > 0)
        {
            var games = string.Create(CultureInfo.InvariantCulture, $"{game}|games:{PerfectGames}|{simulations}");
            string[] names = ["winRate", "winRateLow", "winRateHigh"];
            metrics.AddRange(names.Select(name => Part(name, Better.More, chance: null, games)));
        }

        return metrics;
    }

    private static Metric Part(string name, Better better, double? chance, string? signature) =>
        new()
        {
            Name = name,
            Better = better,
            Unit = MetricUnit.Percent,
            Min = 0,
            Max = 1,
            Chance = chance,
            Signature = signature,
        };
}
