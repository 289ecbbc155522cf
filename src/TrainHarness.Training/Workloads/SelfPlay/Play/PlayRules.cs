using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>How an entry plays against itself and learns from it: the keys of a recipe that self-play owns. Each difference between two protocols is one of them.</summary>
internal sealed record PlayRules
{
    /// <summary>Games that are played, all in lock step, at the beginning of each epoch.</summary>
    public required int Games { get; init; }

    /// <summary>Steps that each epoch then trains.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>How many of the latest positions are trained on.</summary>
    public required int Window { get; init; }

    /// <summary>Of a move in self-play and in the gate.</summary>
    public required int Simulations { get; init; }

    /// <summary>Games between the network and the best one so far; if the network wins more than <see cref="GateLevel"/> of them, it plays from then on. 0: the latest always plays.</summary>
    public required int GateGames { get; init; }

    /// <summary>AlphaGo Zero's 55 % (doi:10.1038/nature24270, Methods, Evaluator).</summary>
    public required double GateLevel { get; init; }

    /// <summary>Whether leaves and training positions are shown by a symmetry of the game that is drawn.</summary>
    public required bool Symmetries { get; init; }

    /// <summary>Whether the tree below a move is kept for the next.</summary>
    public required bool Reuse { get; init; }

    /// <summary>Moves of a game that are drawn in proportion to their visits; later ones are the most visited.</summary>
    public required int SampledMoves { get; init; }

    public required double Exploration { get; init; }

    public required bool GrowsExploration { get; init; }

    public required double Noise { get; init; }

    public required double NoiseConcentration { get; init; }

    /// <summary>Part of the moves that get all simulations and are trained on (Wu 2019, arXiv:1902.10565, section 3.1); 1 is all of them.</summary>
    public required double FullSearches { get; init; }

    /// <summary>Simulations of the other moves, which have no noise.</summary>
    public required int FastSimulations { get; init; }

    /// <summary>As they stand in a recipe; all of them.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "games", "stepsPerEpoch", "window", "simulations", "gateGames", "gateLevel", "symmetries", "reuse", "sampledMoves", "exploration", "growsExploration",
        "noise", "noiseConcentration", "fullSearches", "fastSimulations",
    ];

    public SearchRules FullSearch => new(Simulations, Exploration, GrowsExploration, Noise, NoiseConcentration, Symmetries);

    public SearchRules FastSearch => FullSearch with { Simulations = FastSimulations, Noise = 0 };

    /// <exception cref="ConfigurationException">A key is missing or means nothing.</exception>
    public static PlayRules Of(Recipe recipe)
    {
        var rules = new PlayRules
        {
            Games = Whole(recipe, "games", 1, 65_536),
            StepsPerEpoch = Whole(recipe, "stepsPerEpoch", 1, 1_000_000),
            Window = Whole(recipe, "window", 1, 10_000_000),
            Simulations = Whole(recipe, "simulations", 1, 100_000),
            GateGames = Whole(recipe, "gateGames", 0, 65_536),
            GateLevel = Number(recipe, "gateLevel", 0, 1),
            Symmetries = Flag(recipe, "symmetries"),
            Reuse = Flag(recipe, "reuse"),
            SampledMoves = Whole(recipe, "sampledMoves", 0, 1000),
            Exploration = Number(recipe, "exploration", 0, 1000),
            GrowsExploration = Flag(recipe, "growsExploration"),
            Noise = Number(recipe, "noise", 0, 1),
            NoiseConcentration = Number(recipe, "noiseConcentration", 0.001, 100_000),
            FullSearches = Number(recipe, "fullSearches", 0.001, 1),
            FastSimulations = Whole(recipe, "fastSimulations", 0, 100_000),
        };
        return rules is { FullSearches: < 1, FastSimulations: 0 }
            ? throw Wrong(recipe, "fastSimulations", "at least 1 where 'fullSearches' is below 1")
            : rules;
    }

    private static string Text(Recipe recipe, string key) =>
        recipe.Own?.GetValueOrDefault(key) ?? throw new ConfigurationException($"the recipe '{recipe.Name}' lacks the key '{key}'.");

    private static ConfigurationException Wrong(Recipe recipe, string key, string allowed) =>
        new($"'{key}' of the recipe '{recipe.Name}' is '{Text(recipe, key)}'; allowed: {allowed}.");

    private static int Whole(Recipe recipe, string key, int least, int most) =>
        int.TryParse(Text(recipe, key), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw Wrong(recipe, key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    private static double Number(Recipe recipe, string key, double least, double most) =>
        double.TryParse(Text(recipe, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw Wrong(recipe, key, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

    private static bool Flag(Recipe recipe, string key) => Text(recipe, key) switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong(recipe, key, "true, false"),
    };
}
