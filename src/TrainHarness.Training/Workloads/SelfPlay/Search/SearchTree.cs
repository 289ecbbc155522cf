using MathNet.Numerics.Distributions;
using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>
/// A tree of positions, grown by simulations: each goes down by PUCT to a position that nobody has looked at, has it judged, and carries
/// the value back up (Silver et al. 2017, doi:10.1038/nature24270, Methods, Search algorithm). Where the game is over the rules are the
/// judge.
/// </summary>
internal sealed class SearchTree(IGame game)
{
    private const int NoNode = -1;

    private readonly List<int> path = [];
    private Pool pool = new(nodes: 64, edges: 64 * game.Moves);
    private Pool spare = new(nodes: 64, edges: 64 * game.Moves);
    private SearchRules rules = null!;
    private Random random = Random.Shared;
    private double[]? noise;
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
        noise = null;
        isNoiseDue = rules.Noise > 0;
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
        // There is nothing to draw for one move alone.
        noise = count == 1 ? null : Dirichlet.Sample(random, [.. Enumerable.Repeat(rules.NoiseConcentration / count, count)]);
        isNoiseDue = false;
    }

    private int Descend(int node)
    {
        var (first, count, visits) = (pool.Nodes[node].FirstEdge, pool.Nodes[node].EdgeCount, pool.Nodes[node].Visits);
        // At its first visit a node has no visits below it: one is added, or all moves would be equal.
        var exploration = rules.ExplorationAt(visits) * Math.Sqrt(visits + 1);
        var mixes = node == root && noise is not null;
        var (best, bestScore) = (first, double.NegativeInfinity);
        for (var index = 0; index < count; index++)
        {
            ref readonly var edge = ref pool.Edges[first + index];
            var prior = mixes ? ((1 - rules.Noise) * edge.Prior) + (rules.Noise * noise![index]) : edge.Prior;
            var score = (edge.Visits == 0 ? 0 : edge.Sum / edge.Visits) + (exploration * prior / (1 + edge.Visits));
            if (score > bestScore)
                (best, bestScore) = (first + index, score);
        }

        path.Add(node);
        path.Add(best);
        if (pool.Edges[best].Child == NoNode)
        {
            var position = game.After(pool.Nodes[node].Position, pool.Edges[best].Move);
            pool.Edges[best].Child = pool.Add(position, game.Result(position));
        }

        return pool.Edges[best].Child;
    }

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
        spare.Nodes[copy].Visits = from.Visits;
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
