namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>
/// Runs searches in lock step: each goes on to its next leaf, the leaves of all are judged as one batch, and each takes its answer.
/// </summary>
internal sealed class LockStep
{
    private readonly IReadOnlyList<ILeafJudge> judges;
    private readonly int moves;
    private readonly ParallelOptions parallel;

    /// <param name="moves">Of the game.</param>
    /// <param name="threads">
    /// For the searches. What is found does not depend on them: each search is its own, and batches keep its place.
    /// </param>
    public LockStep(IReadOnlyList<ILeafJudge> judges, int moves, int threads)
    {
        (this.judges, this.moves) = (judges, moves);
        parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Evaluations = new long[judges.Count];
    }

    /// <summary>Leaves that were judged, by judge.</summary>
    public long[] Evaluations { get; }

    /// <summary>Ends when each has nothing left to do.</summary>
    public void Run(IReadOnlyList<ILockStep> searches)
    {
        ILockStep[] running = [.. searches];
        var wanted = new (Leaf Leaf, int Judge)?[running.Length];
        Parallel.For(0, running.Length, parallel, index => wanted[index] = running[index].Next());
        var (policies, values) = (new float[running.Length * moves], new float[running.Length]);
        while (true)
        {
            int[] waiting = [.. Enumerable.Range(0, running.Length).Where(index => wanted[index] is not null)];
            if (waiting.Length == 0)
                return;
            (running, wanted) = ([.. waiting.Select(index => running[index])], [.. waiting.Select(index => wanted[index])]);
            // Those of one judge stand beside each other: a batch of it is a part of the arrays.
            int[] order = [.. Enumerable.Range(0, running.Length).OrderBy(index => wanted[index]!.Value.Judge)];
            Judge([.. order.Select(index => wanted[index]!.Value)], policies, values);
            Parallel.For(0, order.Length, parallel, place =>
            {
                var search = running[order[place]];
                search.Accept(policies.AsSpan(place * moves, moves), values[place]);
                wanted[order[place]] = search.Next();
            });
        }
    }

    private void Judge((Leaf Leaf, int Judge)[] wanted, float[] policies, float[] values)
    {
        for (var first = 0; first < wanted.Length; )
        {
            var judge = wanted[first].Judge;
            Leaf[] batch = [.. wanted.Skip(first).TakeWhile(one => one.Judge == judge).Select(one => one.Leaf)];
            judges[judge].Judge(batch, policies.AsSpan(first * moves, batch.Length * moves), values.AsSpan(first, batch.Length));
            Evaluations[judge] += batch.Length;
            first += batch.Length;
        }
    }
}
