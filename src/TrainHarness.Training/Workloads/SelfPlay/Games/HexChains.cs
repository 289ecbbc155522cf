using System.Numerics;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>
/// The chains of one player on a board of up to 63 cells. Two stones with two free common neighbours are joined by a bridge: whichever of
/// the two cells the other player takes, the owner takes the other one. A stone is joined to an edge in the same way.
/// </summary>
internal sealed class HexChains
{
    private readonly int size;
    private readonly ulong notLeft;
    private readonly ulong notRight;
    private readonly ulong from;
    private readonly ulong to;
    private readonly (int Cell, ulong Between)[][] bridges;
    private readonly ulong[] bridgesFrom;
    private readonly ulong[] bridgesTo;

    /// <param name="isFirst">Whether it joins top and bottom.</param>
    public HexChains(Hex game, bool isFirst)
    {
        size = game.Size;
        ulong left = 0,
            right = 0,
            top = 0,
            bottom = 0;
        for (var cell = 0; cell < size * size; cell++)
        {
            var bit = 1UL << cell;
            Board |= bit;
            left |= cell % size == 0 ? bit : 0;
            right |= cell % size == size - 1 ? bit : 0;
            top |= cell / size == 0 ? bit : 0;
            bottom |= cell / size == size - 1 ? bit : 0;
        }

        (notLeft, notRight) = (~left, ~right);
        (from, to) = isFirst ? (top, bottom) : (left, right);
        bridges = [.. Enumerable.Range(0, size * size).Select(Bridges)];
        bridgesFrom = [.. Enumerable.Range(0, size * size).Select(cell => ToEdge(cell, from))];
        bridgesTo = [.. Enumerable.Range(0, size * size).Select(cell => ToEdge(cell, to))];
    }

    public ulong Board { get; }

    /// <summary>The cells of the bridges of a chain from edge to edge; null where none is found.</summary>
    /// <param name="own">Stones of the player, whose opponent is to move.</param>
    public ulong? Winning(ulong own, ulong other)
    {
        var free = Board & ~(own | other);
        Span<ulong> needed = stackalloc ulong[64];
        Span<int> queue = stackalloc int[64];
        var (first, end) = (0, 0);
        ulong seen = 0;
        for (var cells = own & from; cells != 0; cells &= cells - 1)
            Add(BitOperations.TrailingZeroCount(cells), 0, needed, queue, ref seen, ref end);
        for (var cells = own & ~seen; cells != 0; cells &= cells - 1)
        {
            var cell = BitOperations.TrailingZeroCount(cells);
            if (bridgesFrom[cell] is var pair && pair != 0 && (pair & ~free) == 0)
                Add(cell, pair, needed, queue, ref seen, ref end);
        }

        while (first < end)
        {
            var cell = queue[first++];
            var path = needed[cell];
            if ((to >> cell & 1) != 0)
                return path;
            if (bridgesTo[cell] is var last && last != 0 && (last & ~free) == 0 && (last & path) == 0)
                return path | last;
            for (var next = Neighbours(1UL << cell) & own & ~seen; next != 0; next &= next - 1)
                Add(BitOperations.TrailingZeroCount(next), path, needed, queue, ref seen, ref end);
            foreach (var (reached, between) in bridges[cell])
            {
                if ((own & ~seen & (1UL << reached)) != 0 && (between & ~free) == 0 && (between & path) == 0)
                    Add(reached, path | between, needed, queue, ref seen, ref end);
            }
        }

        return null;
    }

    /// <summary>Adds for each free cell how many stones would join it to both edges; itself counts twice.</summary>
    public void AddWays(ulong own, ulong other, Span<int> ways)
    {
        AddWays(own, Board & ~(own | other), from, ways);
        AddWays(own, Board & ~(own | other), to, ways);
    }

    private static void Add(int cell, ulong path, Span<ulong> needed, Span<int> queue, ref ulong seen, ref int end)
    {
        seen |= 1UL << cell;
        needed[cell] = path;
        queue[end++] = cell;
    }

    private void AddWays(ulong own, ulong free, ulong edge, Span<int> ways)
    {
        var seen = Joined(edge & own, own);
        var front = (edge | Neighbours(seen)) & free;
        for (var steps = 1; front != 0; steps++)
        {
            for (var cells = front; cells != 0; cells &= cells - 1)
                ways[BitOperations.TrailingZeroCount(cells)] += steps;
            var joined = Joined(Neighbours(front) & own & ~seen, own);
            seen |= front | joined;
            front = Neighbours(front | joined) & free & ~seen;
        }

        for (var cells = free & ~seen; cells != 0; cells &= cells - 1)
            ways[BitOperations.TrailingZeroCount(cells)] += size * size;
    }

    private ulong Joined(ulong start, ulong own)
    {
        while (true)
        {
            var grown = start | (Neighbours(start) & own);
            if (grown == start)
                return start;
            start = grown;
        }
    }

    private ulong Neighbours(ulong cells)
    {
        var (offLeft, offRight) = (cells & notLeft, cells & notRight);
        var beside = (offRight << 1) | (offLeft >> 1);
        var above = (cells >> size) | (offRight >> (size - 1));
        var below = (cells << size) | (offLeft << (size - 1));
        return (beside | above | below) & Board;
    }

    private (int Cell, ulong Between)[] Bridges(int cell)
    {
        var near = Neighbours(1UL << cell);
        return
        [
            .. Enumerable
                .Range(0, size * size)
                .Where(other => other != cell && (near >> other & 1) == 0)
                .Select(other => (other, Between: near & Neighbours(1UL << other)))
                .Where(bridge => BitOperations.PopCount(bridge.Between) == 2),
        ];
    }

    private ulong ToEdge(int cell, ulong edge)
    {
        var near = Neighbours(1UL << cell) & edge;
        return (edge >> cell & 1) == 0 && BitOperations.PopCount(near) == 2 ? near : 0;
    }
}
