using MathNet.Numerics.Distributions;
using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>
/// A tree of positions, grown by simulations: each goes down by PUCT to a position that nobody has looked at, has it judged, and carries
/// the value back up (Silver et al. 2017, doi:10.1038/nature24270, Methods, Search algorithm). Where the game is over the rules are the
/// judge. With <see cref="SearchRules.GumbelMoves"/> the root's moves are halved instead, and below it each visit goes where the improved
/// policy has least of what it should have (Danihelka et al. 2022, openreview.net/forum?id=bERaNdoegnO, sections 3 and 5).
/// </summary>
internal sealed class SearchTree(IGame game)
{
    private const int NoNode = -1;

    // c_visit and c_scale of σ, for values from 0 to 1 (Danihelka et al. 2022, section 3.4 and its experiments on Go).
    private const double SigmaVisits = 50;
    private const double SigmaScale = 1;

    private readonly List<int> path = [];
    private Pool pool = new(nodes: 64, edges: 64 * game.Moves);
    private Pool spare = new(nodes: 64, edges: 64 * game.Moves);
    private SearchRules rules = null!;
    private Random random = Random.Shared;
    private double[]? noise;
    private double[]? gumbel;
    private int[] halving = [];
    private bool isNoiseDue;
    private int root = NoNode;
    private int waiting = NoNode;
    private int left;

    /// <summary>The position that is searched.</summary>
    public Position Position => pool.Nodes[root].Position;

    /// <summary>Forgets everything but the position.</summary>
    public void Start(Position position)
    {
        pool.Clear();
        root = pool.Add(position, game.Result(position));
    }

    /// <summary>Makes a move and keeps what was found below it.</summary>
    public void Advance(int move)
    {
        var edge = EdgeOf(move);
        if (pool.Edges[edge].Child is var child && child == NoNode)
        {
            Start(game.After(Position, move));
            return;
        }

        spare.Clear();
        root = Copy(child);
        (pool, spare) = (spare, pool);
    }

    /// <summary>Begins a search of the position, which is not over.</summary>
    /// <param name="random">Of this move alone: it decides the noise and the symmetries.</param>
    public void Begin(SearchRules rules, Random random)
    {
        (this.rules, this.random, left) = (rules, random, rules.Simulations);
        (noise, gumbel) = (null, null);
        isNoiseDue = rules.Noise > 0 || rules.GumbelMoves > 0;
    }

    /// <summary>Simulates until a leaf needs an opinion, which <see cref="Accept"/> is then to be given.</summary>
    /// <returns>Null where all simulations are done.</returns>
    public Leaf? Next()
    {
        path.Clear();
        if (!pool.Nodes[root].IsExpanded)
            return Ask(root);
        if (isNoiseDue)
            DrawNoise();
        while (left > 0)
        {
            left--;
            path.Clear();
            var node = root;
            while (pool.Nodes[node].IsExpanded)
                node = Descend(node);
            if (pool.Nodes[node].Result is not { } result)
                return Ask(node);
            // The result is that of the player who moved last; the one to move has the opposite.
            CarryUp(-result);
        }

        return null;
    }

    /// <summary>Takes the opinion of the leaf that was asked for.</summary>
    /// <param name="logits">For each move of the game; those of illegal ones are not looked at.</param>
    /// <param name="value">Of the player to move, from -1 to 1.</param>
    public void Accept(ReadOnlySpan<float> logits, float value)
    {
        pool.Expand(waiting, game.Legal(pool.Nodes[waiting].Position), logits);
        pool.Nodes[waiting].Value = value;
        CarryUp(value);
    }

    /// <summary>How often each move was tried; their sum is that of the simulations, with those of a kept subtree.</summary>
    public int[] Visits()
    {
        var visits = new int[game.Moves];
        foreach (ref readonly var edge in pool.EdgesOf(root))
            visits[edge.Move] = edge.Visits;
        return visits;
    }

    /// <summary>
    /// The same less what was forced: as many of the forced ones as the move would not have had by PUCT, the values being as they are; and
    /// none of a move that is left with one (Wu 2019, arXiv:1902.10565, section 3.2).
    /// </summary>
    public int[] UnforcedVisits()
    {
        var visits = Visits();
        if (rules.ForcedPlayouts == 0)
            return visits;
        var (first, count, all) = (pool.Nodes[root].FirstEdge, pool.Nodes[root].EdgeCount, pool.Nodes[root].Visits);
        var exploration = rules.ExplorationAt(all) * Math.Sqrt(all + 1);
        var best = EdgeOf(MostVisited());
        var bestScore = Score(best, best - first, pool.Edges[best].Visits);
        for (var index = 0; index < count; index++)
        {
            var edge = pool.Edges[first + index];
            if (first + index == best || edge.Visits == 0)
                continue;
            var kept = edge.Visits;
            for (var forced = (int)Forced(index); forced > 0 && kept > 0 && Score(first + index, index, kept - 1) < bestScore; forced--)
                kept--;
            visits[edge.Move] = kept == 1 && kept < edge.Visits ? 0 : kept;
        }

        return visits;

        double Score(int edge, int index, int tried) =>
            (pool.Edges[edge].Sum / pool.Edges[edge].Visits) + (exploration * RootPrior(index) / (1 + tried));
    }

    /// <summary>Softmax of the network's logits and σ of all values, by move of the game.</summary>
    public float[] ImprovedPolicy()
    {
        var policy = new float[game.Moves];
        var edges = pool.EdgesOf(root);
        Span<double> improved = stackalloc double[edges.Length];
        Improve(root, improved);
        for (var index = 0; index < edges.Length; index++)
            policy[edges[index].Move] = (float)improved[index];
        return policy;
    }

    /// <summary>Of the moves that were tried most, that with the largest sum of drawn number, logit and σ of its value.</summary>
    public int BestOfHalving()
    {
        var edges = pool.EdgesOf(root);
        var most = 0;
        foreach (ref readonly var edge in edges)
            most = Math.Max(most, edge.Visits);
        return pool.Edges[Halved(most)].Move;
    }

    /// <summary>The move that was tried most; of equal ones that with the higher prior, and then the first.</summary>
    public int MostVisited()
    {
        var best = pool.EdgesOf(root)[0];
        foreach (ref readonly var edge in pool.EdgesOf(root))
        {
            if (edge.Visits > best.Visits || (edge.Visits == best.Visits && edge.Prior > best.Prior))
                best = edge;
        }

        return best.Move;
    }

    /// <summary>What the player to move may expect of a move, from -1 to 1; 0 where it was never tried.</summary>
    public double ValueOf(int move)
    {
        ref readonly var edge = ref pool.Edges[EdgeOf(move)];
        return edge.Visits == 0 ? 0 : edge.Sum / edge.Visits;
    }

    private Leaf Ask(int node)
    {
        waiting = node;
        return new Leaf(pool.Nodes[node].Position, rules.Symmetries ? random.Next(game.Symmetries) : 0);
    }

    private int EdgeOf(int move)
    {
        var node = pool.Nodes[root];
        for (var edge = node.FirstEdge; edge < node.FirstEdge + node.EdgeCount; edge++)
        {
            if (pool.Edges[edge].Move == move)
                return edge;
        }

        throw new ArgumentOutOfRangeException(nameof(move), move, "It is not legal here.");
    }

    private void DrawNoise()
    {
        var count = pool.Nodes[root].EdgeCount;
        if (rules.GumbelMoves > 0)
        {
            gumbel = [.. Enumerable.Range(0, count).Select(_ => -Math.Log(-Math.Log(1 - random.NextDouble())))];
            halving = SequentialHalving.Plan(Math.Min(rules.GumbelMoves, count), rules.Simulations);
        }

        // There is nothing to draw for one move alone.
        noise =
            count == 1 || rules.Noise == 0
                ? null
                : Dirichlet.Sample(random, [.. Enumerable.Repeat(rules.NoiseConcentration / count, count)]);
        isNoiseDue = false;
    }

    private int Descend(int node)
    {
        var best =
            rules.GumbelMoves == 0 ? ByPuct(node)
            : node == root ? Halved(halving[rules.Simulations - left - 1])
            : ByImprovedPolicy(node);
        path.Add(node);
        path.Add(best);
        if (pool.Edges[best].Child == NoNode)
        {
            var position = game.After(pool.Nodes[node].Position, pool.Edges[best].Move);
            pool.Edges[best].Child = pool.Add(position, game.Result(position));
        }

        return pool.Edges[best].Child;
    }

    private int ByPuct(int node)
    {
        var (first, count, visits) = (pool.Nodes[node].FirstEdge, pool.Nodes[node].EdgeCount, pool.Nodes[node].Visits);
        // At its first visit a node has no visits below it: one is added, or all moves would be equal.
        var exploration = rules.ExplorationAt(visits) * Math.Sqrt(visits + 1);
        var (best, bestScore) = (first, double.NegativeInfinity);
        for (var index = 0; index < count; index++)
        {
            ref readonly var edge = ref pool.Edges[first + index];
            if (node == root && rules.ForcedPlayouts > 0 && edge.Visits > 0 && edge.Visits < Forced(index))
                return first + index;
            var prior = node == root ? RootPrior(index) : edge.Prior;
            var score = (edge.Visits == 0 ? 0 : edge.Sum / edge.Visits) + (exploration * prior / (1 + edge.Visits));
            if (score > bestScore)
                (best, bestScore) = (first + index, score);
        }

        return best;
    }

    private double RootPrior(int index)
    {
        var prior = pool.Edges[pool.Nodes[root].FirstEdge + index].Prior;
        return noise is null ? prior : ((1 - rules.Noise) * prior) + (rules.Noise * noise[index]);
    }

    private double Forced(int index) => Math.Sqrt(rules.ForcedPlayouts * RootPrior(index) * pool.Nodes[root].Visits);

    // The root's edge with the largest sum of its drawn number, its logit and σ of its value, of those that were tried so often.
    private int Halved(int tried)
    {
        var (first, count) = (pool.Nodes[root].FirstEdge, pool.Nodes[root].EdgeCount);
        Span<double> values = stackalloc double[count];
        Complete(root, values);
        var (best, bestScore) = (first, double.NegativeInfinity);
        for (var index = 0; index < count; index++)
        {
            var edge = pool.Edges[first + index];
            var score = gumbel![index] + Logit(edge) + values[index];
            if (edge.Visits == tried && score > bestScore)
                (best, bestScore) = (first + index, score);
        }

        return best;
    }

    private int ByImprovedPolicy(int node)
    {
        var (first, count, visits) = (pool.Nodes[node].FirstEdge, pool.Nodes[node].EdgeCount, pool.Nodes[node].Visits);
        Span<double> policy = stackalloc double[count];
        Improve(node, policy);
        var (best, bestScore) = (first, double.NegativeInfinity);
        for (var index = 0; index < count; index++)
        {
            var score = policy[index] - ((double)pool.Edges[first + index].Visits / (1 + visits));
            if (score > bestScore)
                (best, bestScore) = (first + index, score);
        }

        return best;
    }

    /// <summary>π′ = softmax(logits + σ(completed values)): section 4.</summary>
    private void Improve(int node, Span<double> policy)
    {
        Complete(node, policy);
        var edges = pool.EdgesOf(node);
        var largest = double.NegativeInfinity;
        for (var index = 0; index < policy.Length; index++)
            largest = Math.Max(largest, policy[index] += Logit(edges[index]));
        var sum = 0.0;
        for (var index = 0; index < policy.Length; index++)
            sum += policy[index] = Math.Exp(policy[index] - largest);
        for (var index = 0; index < policy.Length; index++)
            policy[index] /= sum;
    }

    /// <summary>
    /// σ of each move's value, (c_visit + max N) c_scale q with q from 0 to 1; a move that was never tried has the mean of the network's
    /// value and of the others', these weighted by their priors and by all visits (equation 8 and appendix D).
    /// </summary>
    private void Complete(int node, Span<double> values)
    {
        var edges = pool.EdgesOf(node);
        var (most, priors, weighted) = (0, 0.0, 0.0);
        foreach (ref readonly var edge in edges)
        {
            if (edge.Visits == 0)
                continue;
            most = Math.Max(most, edge.Visits);
            priors += edge.Prior;
            weighted += edge.Prior * edge.Sum / edge.Visits;
        }

        var visits = pool.Nodes[node].Visits;
        var mixed = priors > 0 ? (pool.Nodes[node].Value + (visits * weighted / priors)) / (1 + visits) : pool.Nodes[node].Value;
        for (var index = 0; index < values.Length; index++)
        {
            var value = edges[index].Visits == 0 ? mixed : edges[index].Sum / edges[index].Visits;
            values[index] = (SigmaVisits + most) * SigmaScale * (1 + value) / 2;
        }
    }

    // What differs from the network's by one number for all moves, which no softmax and no comparison sees.
    private static double Logit(in Edge edge) => Math.Log(Math.Max(edge.Prior, float.Epsilon));

    // The value is that of the player to move at the leaf; the one who chose an edge is its opponent, and so on up.
    private void CarryUp(double value)
    {
        for (var index = path.Count - 2; index >= 0; index -= 2)
        {
            value = -value;
            pool.Nodes[path[index]].Visits++;
            ref var edge = ref pool.Edges[path[index + 1]];
            edge.Visits++;
            edge.Sum += value;
        }
    }

    private int Copy(int node)
    {
        var from = pool.Nodes[node];
        var copy = spare.Add(from.Position, from.Result);
        if (!from.IsExpanded)
            return copy;
        var first = spare.TakeEdges(copy, from.EdgeCount);
        (spare.Nodes[copy].Visits, spare.Nodes[copy].Value) = (from.Visits, from.Value);
        for (var index = 0; index < from.EdgeCount; index++)
        {
            var edge = pool.Edges[from.FirstEdge + index];
            if (edge.Child != NoNode)
                edge.Child = Copy(edge.Child);
            spare.Edges[first + index] = edge;
        }

        return copy;
    }

    private struct Node
    {
        public Position Position;
        public int? Result;

        // The network's, for the player to move.
        public float Value;
        public bool IsExpanded;
        public int FirstEdge;
        public int EdgeCount;

        // Of its edges together.
        public int Visits;
    }

    private struct Edge
    {
        public int Move;
        public float Prior;
        public int Visits;

        // Of the values of its visits, for the player who moves.
        public double Sum;
        public int Child;
    }

    /// <summary>Nodes and edges of one tree, in arrays that grow and are used again.</summary>
    private sealed class Pool(int nodes, int edges)
    {
        public Node[] Nodes = new Node[nodes];
        public Edge[] Edges = new Edge[edges];
        private int nodeCount;
        private int edgeCount;

        public void Clear() => (nodeCount, edgeCount) = (0, 0);

        public ReadOnlySpan<Edge> EdgesOf(int node) => Edges.AsSpan(Nodes[node].FirstEdge, Nodes[node].EdgeCount);

        public int Add(Position position, int? result)
        {
            if (nodeCount == Nodes.Length)
                Array.Resize(ref Nodes, 2 * nodeCount);
            Nodes[nodeCount] = new Node { Position = position, Result = result };
            return nodeCount++;
        }

        public int TakeEdges(int node, int count)
        {
            while (edgeCount + count > Edges.Length)
                Array.Resize(ref Edges, 2 * Edges.Length);
            (Nodes[node].FirstEdge, Nodes[node].EdgeCount, Nodes[node].IsExpanded) = (edgeCount, count, true);
            edgeCount += count;
            return Nodes[node].FirstEdge;
        }

        /// <summary>Gives a node an edge for each legal move, with the softmax of their logits.</summary>
        public void Expand(int node, UInt128 legal, ReadOnlySpan<float> logits)
        {
            var first = TakeEdges(node, Position.Count(legal));
            var (index, largest) = (first, float.NegativeInfinity);
            foreach (var move in Cells.Of(legal))
            {
                largest = Math.Max(largest, logits[move]);
                Edges[index++] = new Edge { Move = move, Child = NoNode };
            }

            var sum = 0.0;
            for (index = first; index < edgeCount; index++)
                sum += Edges[index].Prior = MathF.Exp(logits[Edges[index].Move] - largest);
            for (index = first; index < edgeCount; index++)
                Edges[index].Prior = (float)(Edges[index].Prior / sum);
        }
    }
}
