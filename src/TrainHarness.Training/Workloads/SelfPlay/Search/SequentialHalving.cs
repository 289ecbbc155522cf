namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>
/// Which of a root's moves the next simulation may try, where half of those that are left go out in each of log2 m rounds
/// (Danihelka et al. 2022, openreview.net/forum?id=bERaNdoegnO, section 3.3 and algorithm 2).
/// </summary>
internal static class SequentialHalving
{
    /// <summary>For each simulation, how often the move that it tries was tried before.</summary>
    /// <param name="moves">Of the first round, at least one.</param>
    public static int[] Plan(int moves, int simulations)
    {
        var plan = new List<int>(simulations);
        var rounds = Math.Max(1, (int)Math.Ceiling(Math.Log2(moves)));
        for (var (left, tried) = (moves, 0); plan.Count < simulations; left = Math.Max(Math.Min(2, moves), left / 2))
        {
            for (var turns = Math.Max(1, simulations / (rounds * left)); turns > 0; turns--)
                plan.AddRange(Enumerable.Repeat(tried++, left));
        }

        return [.. plan.Take(simulations)];
    }
}
