using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>
/// One game of Hex from an opening of one stone, of which a network has the side that wins and a perfect player the other. The perfect
/// player puts its stones where the winner needs the cells; at the first move that gives the win away the game is lost, as it will not give
/// it back.
/// </summary>
internal sealed class PerfectGame : ILockStep
{
    private readonly Hex game;
    private readonly HexSolver solver;
    private readonly SearchRules rules;
    private readonly Random random;
    private readonly SearchTree tree;
    private bool isOver;

    /// <param name="solver">Shared by games that run on several threads: it is locked.</param>
    /// <param name="random">Draws the moves of the perfect player.</param>
    public PerfectGame(Hex game, HexSolver solver, SearchRules rules, int opening, Random random)
    {
        (this.game, this.solver, this.rules, this.random, tree) = (game, solver, rules, random, new SearchTree(game));
        var position = default(Position).With(opening);
        Begin(Solved(position).Wins ? position : Replied(position));
    }

    /// <summary>Whether the network won; known when the game is over.</summary>
    public bool IsWon { get; private set; }

    public (Leaf Leaf, int Judge)? Next()
    {
        while (!isOver)
        {
            if (tree.Next() is { } leaf)
                return (leaf, 0);
            var position = game.After(tree.Position, tree.MostVisited());
            (IsWon, isOver) = game.Result(position) is not null ? (true, true) : (false, Solved(position).Wins);
            if (!isOver)
                Begin(Replied(position));
        }

        return null;
    }

    public void Accept(ReadOnlySpan<float> logits, float value) => tree.Accept(logits, value);

    private Position Replied(Position position)
    {
        var needed = Solved(position).Carrier & game.Legal(position);
        var cells = needed == 0 ? game.Legal(position) : needed;
        return game.After(position, Cells.At(cells, random.Next(Position.Count(cells))));
    }

    private (bool Wins, UInt128 Carrier) Solved(Position position)
    {
        lock (solver)
            return solver.Solve(position);
    }

    private void Begin(Position position)
    {
        tree.Start(position);
        tree.Begin(rules, random);
    }
}
