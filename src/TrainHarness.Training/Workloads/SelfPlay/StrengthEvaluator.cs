using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>
/// How well the network that is trained plays: on solved positions by a search of fixed size and without one, and against a perfect player.
/// Nothing is drawn but the perfect player's moves, and those are the same at every evaluation.
/// </summary>
internal sealed class StrengthEvaluator(TrainingPlan plan, Hex game, PlayRules rules, BoardNetwork network, Tally tally, Macs price)
    : IEvaluator
{
    // Games at a time: their trees and batches stay small.
    private const int AtATime = 256;

    // Of every entry, whatever it plays its own games with: strength of search must not be taken for learning.
    private const double Exploration = 1.25;

    private readonly SelfPlaySettings settings = (SelfPlaySettings)plan.Study.Settings;
    private readonly IReadOnlyList<DecisionPosition> decisions = DecisionPositions.Read(
        game.Size,
        ((SelfPlaySettings)plan.Study.Settings).Decisions
    );
    private readonly SearchRules search = rules.FullSearch.Calm(((SelfPlaySettings)plan.Study.Settings).EvaluationSimulations) with
    {
        Exploration = Exploration,
        GrowsExploration = false,
    };

    // Remembers what it has solved from one evaluation to the next.
    private readonly HexSolver solver = new(game);

    public IReadOnlyList<Metric> Metrics { get; } = ((SelfPlaySettings)plan.Study.Settings).Metrics();

    public EvaluationResult Evaluate()
    {
        network.eval();
        var judge = new NetworkJudge(network, game, plan.Device);
        var lockStep = new LockStep([judge], game.Moves, plan.Study.Threads);
        SolvedSearch[] searches = [.. decisions.Select(decision => new SolvedSearch(game, search, decision))];
        Run(lockStep, searches);
        var metrics = new Dictionary<string, double>
        {
            ["accuracy"] = searches.Average(search => search.IsRight ? 1.0 : 0),
            ["policyAccuracy"] = PolicyAccuracy(judge),
            ["gatePart"] = tally.GatePart,
        };
        if (settings.PerfectGames > 0)
            AddPerfectGames(metrics, lockStep);
        network.train();
        return new EvaluationResult(Loss: null, metrics, price * (lockStep.Evaluations.Sum() + decisions.Count));
    }

    private static void Run(LockStep lockStep, IEnumerable<ILockStep> searches)
    {
        foreach (var part in searches.Chunk(AtATime))
            lockStep.Run(part);
    }

    /// <summary>The part of the positions whose legal move with the largest prior keeps the win.</summary>
    private double PolicyAccuracy(NetworkJudge judge)
    {
        var policies = new float[decisions.Count * game.Moves];
        judge.Judge([.. decisions.Select(decision => new Leaf(decision.Position, 0))], policies, new float[decisions.Count]);
        var right = 0;
        for (var index = 0; index < decisions.Count; index++)
        {
            var best = -1;
            foreach (var move in Cells.Of(game.Legal(decisions[index].Position)))
                best = best < 0 || policies[(index * game.Moves) + move] > policies[(index * game.Moves) + best] ? move : best;
            right += (decisions[index].WinningMoves >> best & 1) != 0 ? 1 : 0;
        }

        return (double)right / decisions.Count;
    }

    private void AddPerfectGames(Dictionary<string, double> metrics, LockStep lockStep)
    {
        PerfectGame[] games =
        [
            .. Enumerable
                .Range(0, settings.PerfectGames)
                .Select(index => (Opening: index % game.Moves, Random: Seeds.Generator(plan.Trial.Seed, "perfect game", index)))
                .Select(drawn => new PerfectGame(game, solver, search, drawn.Opening, drawn.Random)),
        ];
        Run(lockStep, games);
        var (low, rate, high) = WilsonInterval.Of(games.Count(game => game.IsWon), games.Length);
        (metrics["winRateLow"], metrics["winRate"], metrics["winRateHigh"]) = (low, rate, high);
    }
}
