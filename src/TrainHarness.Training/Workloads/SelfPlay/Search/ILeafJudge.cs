namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>Has an opinion of positions: a network, or in tests something simpler.</summary>
internal interface ILeafJudge
{
    /// <param name="leaves">At least one.</param>
    /// <param name="policies">Takes a logit for each leaf and each move of the game, leaf by leaf.</param>
    /// <param name="values">Takes what the player to move expects for each leaf, from -1 to 1.</param>
    void Judge(IReadOnlyList<Leaf> leaves, Span<float> policies, Span<float> values);
}
