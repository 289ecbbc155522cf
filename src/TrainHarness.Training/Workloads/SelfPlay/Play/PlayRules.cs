using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>
/// How an entry plays against itself and learns from it: the keys of a recipe that self-play owns. Each difference between two protocols is
/// one of them.
/// </summary>
internal sealed record PlayRules
{
    private const string FastSimulationsKey = "fastSimulations";
    private const string GumbelMovesKey = "gumbelMoves";

    /// <summary>As they stand in a recipe; all of them.</summary>
    public static IReadOnlyList<Field<Recipe>> Fields { get; } =
    [
        Recipe.OwnField("games", Kind.Whole(1, 65_536), "Games that are played, all in lock step, at the beginning of each epoch."),
        Recipe.OwnField("stepsPerEpoch", Kind.Whole(1, 1_000_000), "Steps that each epoch then trains."),
        Recipe.OwnField("window", Kind.Whole(1, 10_000_000), "How many of the latest positions are trained on."),
        Recipe.OwnField("simulations", Kind.Whole(1, 100_000), "Of a move in self-play and in the gate."),
        Recipe.OwnField(
            "gateGames",
            Kind.Whole(0, 65_536),
            "Games that decide whether the network takes the place of the best one; 0: the latest always plays."
        ),
        Recipe.OwnField("gateLevel", Kind.Number(0, 1), "Part of them that it must win more than."),
        Recipe.OwnField(
            "symmetries",
            Kind.Flag,
            "Whether leaves and training positions are shown by a symmetry of the game that is drawn."
        ),
        Recipe.OwnField("reuse", Kind.Flag, "Whether the tree below a move is kept for the next."),
        Recipe.OwnField("sampledMoves", Kind.Whole(0, 1000), "Stones of a game up to which moves are drawn in proportion to their visits."),
        Recipe.OwnField("exploration", Kind.Number(0, 1000), "The constant of PUCT."),
        Recipe.OwnField("growsExploration", Kind.Flag, "Whether it grows with the logarithm of the visits."),
        Recipe.OwnField("noise", Kind.Number(0, 1), "Part of the root's priors that is drawn."),
        Recipe.OwnField("noiseConcentration", Kind.Number(0.001, 100_000), "Of the noise, over all legal moves together."),
        Recipe.OwnField("fullSearches", Kind.Number(0.001, 1), "Part of the moves that get all simulations and are trained on."),
        Recipe.OwnField(FastSimulationsKey, Kind.Whole(0, 100_000), "Simulations of the other moves, which have no noise."),
        Recipe.OwnField(
            "forcedPlayouts",
            Kind.Number(0, 1000),
            "How strongly a root's moves are tried again, left out of the target; 0: not."
        ),
        Recipe.OwnField(GumbelMovesKey, Kind.Whole(0, 1000), "Moves that sequential halving begins with; 0: the root is searched by PUCT."),
    ];

    /// <summary>Games that are played, all in lock step, at the beginning of each epoch.</summary>
    public required int Games { get; init; }

    /// <summary>Steps that each epoch then trains.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>How many of the latest positions are trained on.</summary>
    public required int Window { get; init; }

    /// <summary>Of a move in self-play and in the gate.</summary>
    public required int Simulations { get; init; }

    /// <summary>
    /// Games between the network and the best one so far; if the network wins more than <see cref="GateLevel"/> of them, it plays from then
    /// on. 0: the latest always plays.
    /// </summary>
    public required int GateGames { get; init; }

    /// <summary>AlphaGo Zero's is 55 % (doi:10.1038/nature24270, Methods, Evaluator).</summary>
    public required double GateLevel { get; init; }

    /// <summary>Whether leaves and training positions are shown by a symmetry of the game that is drawn.</summary>
    public required bool Symmetries { get; init; }

    /// <summary>Whether the tree below a move is kept for the next.</summary>
    public required bool Reuse { get; init; }

    /// <summary>Stones of a game up to which moves are drawn in proportion to their visits; later ones are the most visited.</summary>
    public required int SampledMoves { get; init; }

    public required double Exploration { get; init; }

    public required bool GrowsExploration { get; init; }

    public required double Noise { get; init; }

    public required double NoiseConcentration { get; init; }

    /// <summary>
    /// Part of the moves that get all simulations and are trained on (Wu 2019, arXiv:1902.10565, section 3.1); 1 is all of them.
    /// </summary>
    public required double FullSearches { get; init; }

    /// <summary>Simulations of the other moves, which have no noise.</summary>
    public required int FastSimulations { get; init; }

    /// <summary>
    /// k of the √(k P N) simulations that each move of the root that has any gets in a full search, and that the policy's target is then
    /// without; 0 forces none (Wu 2019, section 3.2, with k = 2).
    /// </summary>
    public required double ForcedPlayouts { get; init; }

    /// <summary>
    /// Moves that are drawn from the network's policy and halved until one is left, which is played; the policy's target is the improved
    /// policy (Danihelka et al. 2022, openreview.net/forum?id=bERaNdoegnO). 0: PUCT, and visits decide.
    /// </summary>
    public required int GumbelMoves { get; init; }

    public SearchRules FullSearch =>
        new(Simulations, Exploration, GrowsExploration, Noise, NoiseConcentration, Symmetries, ForcedPlayouts, GumbelMoves);

    public SearchRules FastSearch => FullSearch with { Simulations = FastSimulations, Noise = 0, ForcedPlayouts = 0 };

    /// <summary>What does not go together, in one line; null where all does.</summary>
    public string? Problem =>
        this is { FullSearches: < 1, FastSimulations: 0 }
            ? $"'{FastSimulationsKey}' is 0 and 'fullSearches' below 1; allowed: at least 1 of the former."
        : GumbelMoves > 0 && (Reuse || Noise > 0 || SampledMoves > 0)
            ? $"'{GumbelMovesKey}' draws its own moves from a new tree; " + "allowed with it: reuse: false, noise: 0, sampledMoves: 0."
        : null;

    /// <param name="recipe">Read by <see cref="Fields"/>.</param>
    public static PlayRules Of(Recipe recipe) =>
        new()
        {
            Games = Whole(recipe, "games"),
            StepsPerEpoch = Whole(recipe, "stepsPerEpoch"),
            Window = Whole(recipe, "window"),
            Simulations = Whole(recipe, "simulations"),
            GateGames = Whole(recipe, "gateGames"),
            GateLevel = Number(recipe, "gateLevel"),
            Symmetries = Flag(recipe, "symmetries"),
            Reuse = Flag(recipe, "reuse"),
            SampledMoves = Whole(recipe, "sampledMoves"),
            Exploration = Number(recipe, "exploration"),
            GrowsExploration = Flag(recipe, "growsExploration"),
            Noise = Number(recipe, "noise"),
            NoiseConcentration = Number(recipe, "noiseConcentration"),
            FullSearches = Number(recipe, "fullSearches"),
            FastSimulations = Whole(recipe, FastSimulationsKey),
            ForcedPlayouts = Number(recipe, "forcedPlayouts"),
            GumbelMoves = Whole(recipe, GumbelMovesKey),
        };

    private static int Whole(Recipe recipe, string key) =>
        int.Parse(recipe.Own![key], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static double Number(Recipe recipe, string key) =>
        double.Parse(recipe.Own![key], NumberStyles.Float, CultureInfo.InvariantCulture);

    private static bool Flag(Recipe recipe, string key) => recipe.Own![key] == "true";
}
