using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>One search of a solved position.</summary>
internal sealed class SolvedSearch : ILockStep
{
    private readonly DecisionPosition decision;
    private readonly SearchTree tree;

    public SolvedSearch(IGame game, SearchRules rules, DecisionPosition decision)
    {
        (this.decision, tree) = (decision, new SearchTree(game));
        tree.Start(decision.Position);
        tree.Begin(rules, new Random(0));
    }

    /// <summary>Whether the most visited move keeps the win; known when the search is done.</summary>
    public bool IsRight => (decision.WinningMoves >> tree.MostVisited() & 1) != 0;

    public (Leaf Leaf, int Judge)? Next() => tree.Next() is { } leaf ? (leaf, 0) : null;

    public void Accept(ReadOnlySpan<float> logits, float value) => tree.Accept(logits, value);
}
