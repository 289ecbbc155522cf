using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>
/// One game between two networks, judges 0 and 1, from an opening on: each searches every move anew and makes the most visited one.
/// </summary>
internal sealed class MatchGame : ILockStep
{
    private static readonly Random NothingIsDrawn = new(0);

    private readonly IGame game;
    private readonly SearchRules rules;
    private readonly int judgeOfFirst;
    private readonly SearchTree tree;
    private bool isOver;

    /// <param name="opening">Without one, two networks that leave nothing to chance would play the same game again and again.</param>
    /// <param name="judgeOfFirst">0 or 1.</param>
    public MatchGame(IGame game, SearchRules rules, Position opening, int judgeOfFirst)
    {
        (this.game, this.rules, this.judgeOfFirst, tree) = (game, rules, judgeOfFirst, new SearchTree(game));
        Begin(opening);
    }

    /// <summary>What judge 0 got: 1, 0.5 for a draw, or 0.</summary>
    public double Points { get; private set; }

    public (Leaf Leaf, int Judge)? Next()
    {
        while (!isOver)
        {
            if (tree.Next() is { } leaf)
                return (leaf, JudgeToMove);
            var judge = JudgeToMove;
            var position = game.After(tree.Position, tree.MostVisited());
            if (game.Result(position) is { } result)
                (Points, isOver) = (
                    result == 0 ? 0.5
                    : judge == 0 ? 1
                    : 0,
                    true
                );
            else
                Begin(position);
        }

        return null;
    }

    public void Accept(ReadOnlySpan<float> logits, float value) => tree.Accept(logits, value);

    private int JudgeToMove => tree.Position.FirstMoves ? judgeOfFirst : 1 - judgeOfFirst;

    private void Begin(Position position)
    {
        tree.Start(position);
        tree.Begin(rules, NothingIsDrawn);
    }
}
