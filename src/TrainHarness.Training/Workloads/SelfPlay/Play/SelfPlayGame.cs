using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>
/// One game of a network against itself. All that is left to chance follows from the trial's seed, the number of the game and the move.
/// </summary>
internal sealed class SelfPlayGame : ILockStep
{
    private readonly IGame game;
    private readonly PlayRules rules;
    private readonly int seed;
    private readonly string name;
    private readonly SearchTree tree;
    private readonly List<(Position Position, float[] Policy)> searched = [];
    private Random random = Random.Shared;
    private bool isFull;
    private int? result;
    private bool lastMoveOfFirst;

    /// <param name="randomStones">Put down before the first search; fewer than end a game.</param>
    /// <param name="number">Of the game in its trial.</param>
    public SelfPlayGame(IGame game, PlayRules rules, int randomStones, int seed, long number)
    {
        (this.game, this.rules, this.seed) = (game, rules, seed);
        name = FormattableString.Invariant($"game {number}");
        tree = new SearchTree(game);
        var (position, opening) = (default(Position), Seeds.Generator(seed, name, -1));
        for (var stone = 0; stone < randomStones; stone++)
        {
            var legal = game.Legal(position);
            position = game.After(position, Cells.At(legal, opening.Next(Position.Count(legal))));
        }

        tree.Start(position);
        Begin();
    }

    /// <summary>Those that were searched in full; complete when the game is over.</summary>
    public IEnumerable<PlayedPosition> Positions =>
        searched.Select(played => new PlayedPosition(
            played.Position,
            played.Policy,
            played.Position.FirstMoves == lastMoveOfFirst ? result!.Value : -result!.Value
        ));

    public (Leaf Leaf, int Judge)? Next()
    {
        while (result is null)
        {
            if (tree.Next() is { } leaf)
                return (leaf, 0);
            Move();
        }

        return null;
    }

    public void Accept(ReadOnlySpan<float> logits, float value) => tree.Accept(logits, value);

    private void Begin()
    {
        random = Seeds.Generator(seed, name, tree.Position.Ply);
        isFull = rules.FullSearches == 1 || random.NextDouble() < rules.FullSearches;
        tree.Begin(isFull ? rules.FullSearch : rules.FastSearch, random);
    }

    private void Move()
    {
        var position = tree.Position;
        var (policy, move) = rules.GumbelMoves > 0 ? (tree.ImprovedPolicy(), tree.BestOfHalving()) : ByVisits(position.Ply);
        if (isFull)
            searched.Add((position, policy));
        lastMoveOfFirst = position.FirstMoves;
        result = game.Result(game.After(position, move));
        if (result is not null)
            return;
        if (rules.Reuse)
            tree.Advance(move);
        else
            tree.Start(game.After(position, move));
        Begin();
    }

    private (float[] Policy, int Move) ByVisits(int ply)
    {
        var visits = tree.UnforcedVisits();
        return (Parts(visits), ply < rules.SampledMoves ? Drawn(visits) : tree.MostVisited());
    }

    private int Drawn(int[] visits)
    {
        var place = random.Next(visits.Sum());
        var move = 0;
        while ((place -= visits[move]) >= 0)
            move++;
        return move;
    }

    private static float[] Parts(int[] visits)
    {
        var sum = (float)visits.Sum();
        return Array.ConvertAll(visits, visit => visit / sum);
    }
}
