using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>The keys of a study of self-play: the game, and how strength is measured; the same for all entries.</summary>
internal sealed record SelfPlaySettings : IWorkloadSettings
{
    /// <summary>As they stand in a study, in this order.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["game", "randomStones", "decisions", "evaluationSimulations", "perfectGames"];

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

    public IReadOnlyDictionary<string, object?> Lines => new Dictionary<string, object?>
    {
        ["game"] = new Hex(Size).Name,
        ["randomStones"] = RandomStones,
        ["decisions"] = Decisions,
        ["evaluationSimulations"] = EvaluationSimulations,
        ["perfectGames"] = PerfectGames,
    };

    /// <summary>Reads them strictly; the study's other keys are no business of theirs.</summary>
    public static SelfPlaySettings Read(ConfigurationNode study, ConfigurationFolders folders)
    {
        var set = study.Required("game").Choice([.. DecisionPositions.Shipped.Select(set => (new Hex(set.Size).Name, set))]);
        return new SelfPlaySettings
        {
            Size = set.Size,
            RandomStones = study.Required("randomStones").Whole(0, 2),
            Decisions = study.Required("decisions").Whole(1, set.Count),
            EvaluationSimulations = study.Required("evaluationSimulations").Whole(1, 100_000),
            PerfectGames = study.Required("perfectGames").Whole(0, set.Size <= HexSolver.LargestQuickSize ? 100_000 : 0),
        };
    }

    /// <summary>What strength is, and what else an evaluation tells.</summary>
    public IReadOnlyList<Metric> Metrics()
    {
        var chance = DecisionPositions.Read(Size, Decisions).Average(decision =>
            (double)Position.Count(decision.WinningMoves) / ((Size * Size) - decision.Position.Ply));
        var positions = string.Create(CultureInfo.InvariantCulture, $"hex-{Size}x{Size}|{DecisionPositions.Sha256(Size)[..16]}|positions:{Decisions}");
        List<Metric> metrics =
        [
            Part("accuracy", Better.More, chance, string.Create(CultureInfo.InvariantCulture, $"{positions}|simulations:{EvaluationSimulations}")),
            Part("policyAccuracy", Better.More, chance, positions),
            Part("gatePart", Better.Less, chance: null, signature: null),
        ];
        if (PerfectGames > 0)
        {
            var games = string.Create(CultureInfo.InvariantCulture, $"hex-{Size}x{Size}|games:{PerfectGames}|simulations:{EvaluationSimulations}");
            metrics.AddRange(((string[])["winRate", "winRateLow", "winRateHigh"]).Select(name => Part(name, Better.More, chance: null, games)));
        }

        return metrics;
    }

    private static Metric Part(string name, Better better, double? chance, string? signature) =>
        new() { Name = name, Better = better, Unit = MetricUnit.Percent, Min = 0, Max = 1, Chance = chance, Signature = signature };
}
