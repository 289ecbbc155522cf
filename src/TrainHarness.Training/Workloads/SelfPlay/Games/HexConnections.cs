using System.Numerics;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>
/// What one player can join on a board of up to 49 cells, found without playing on (Anshelevich 2002, A hierarchical approach to computer
/// Hex, Artificial Intelligence 134, section 4). A full connection holds though the other player moves first, a semi-connection once its
/// owner has moved; its carrier is the free cells that it needs. Two full ones that share an end and no cell make a longer one: a full one
/// over stones, a semi-connection over a free cell. Semi-connections that have no cell in common make a full one.
/// </summary>
/// <remarks>
/// Not all connections are found: so many of a pair of ends are kept, and so many semi-connections are joined. Not for several threads.
/// </remarks>
internal sealed class HexConnections
{
    // More of them find hardly more on boards of this size and take longer.
    private const int MaxFull = 12;
    private const int MaxSemi = 32;
    private const int MaxJoined = 5;
    private const int From = 0;
    private const int To = 1;

    private readonly int cells;
    private readonly ulong board;
    private readonly ulong from;
    private readonly ulong to;
    private readonly ulong[] near;
    private readonly int[] endOf;
    private readonly ulong[] cellOf;
    private readonly ulong[] full;
    private readonly ulong[] semi;
    private readonly int[] fulls;
    private readonly int[] semis;
    private readonly Queue<(int A, int B, ulong Carrier)> waiting = [];
    private int ends;

    /// <param name="game">On a board of up to 7×7.</param>
    /// <param name="isFirst">Whether the player joins top and bottom.</param>
    public HexConnections(Hex game, bool isFirst)
    {
        var size = game.Size;
        cells = size * size;
        near = new ulong[cells];
        for (var cell = 0; cell < cells; cell++)
        {
            var (row, column) = (cell / size, cell % size);
            board |= 1UL << cell;
            from |= (isFirst ? row : column) == 0 ? 1UL << cell : 0;
            to |= (isFirst ? row : column) == size - 1 ? 1UL << cell : 0;
            foreach (var (down, right) in ((int, int)[])[(0, -1), (0, 1), (-1, 0), (1, 0), (-1, 1), (1, -1)])
            {
                if (row + down >= 0 && row + down < size && column + right >= 0 && column + right < size)
                    near[cell] |= 1UL << (cell + (down * size) + right);
            }
        }

        var most = cells + 2;
        (endOf, cellOf) = (new int[cells], new ulong[most]);
        (full, fulls) = (new ulong[most * most * MaxFull], new int[most * most]);
        (semi, semis) = (new ulong[most * most * MaxSemi], new int[most * most]);
    }

    /// <summary>Carriers of semi-connections from edge to edge; those of the last position that was looked at.</summary>
    public ReadOnlySpan<ulong> Semi => semi.AsSpan(Pair(From, To) * MaxSemi, semis[Pair(From, To)]);

    /// <summary>Looks at a position.</summary>
    /// <param name="own">Stones of the player.</param>
    /// <param name="stopsAtSemi">Whether one semi-connection from edge to edge is enough.</param>
    /// <returns>The carrier of a full connection from edge to edge; null where none was found.</returns>
    public ulong? Full(ulong own, ulong other, bool stopsAtSemi)
    {
        var (free, edges) = (board & ~(own | other), Pair(From, To));
        if (!TrySetEnds(own, free))
            return 0;
        AddNeighbours(free);
        while (waiting.TryDequeue(out var one) && fulls[edges] == 0 && !(stopsAtSemi && semis[edges] > 0))
        {
            Lengthen(one.A, one.B, one.Carrier);
            Lengthen(one.B, one.A, one.Carrier);
        }

        return fulls[edges] > 0 ? full[edges * MaxFull] : null;
    }

    // Stones that touch are one end, and so is an edge with all that touches it; false where the edges are one.
    private bool TrySetEnds(ulong own, ulong free)
    {
        Array.Clear(fulls);
        Array.Clear(semis);
        waiting.Clear();
        Array.Fill(endOf, -1);
        ends = 2;
        Fill(own & from, own, From);
        foreach (var cell in Cells.Of(own & to))
        {
            if (endOf[cell] == From)
                return false;
        }

        Fill(own & to, own, To);
        foreach (var cell in Cells.Of(own))
        {
            if (endOf[cell] < 0)
                Fill(1UL << cell, own, ends++);
        }

        Array.Clear(cellOf);
        foreach (var cell in Cells.Of(free))
        {
            (endOf[cell], cellOf[ends]) = (ends, 1UL << cell);
            ends++;
        }

        return true;
    }

    private void Fill(ulong start, ulong own, int end)
    {
        for (var front = start; front != 0; )
        {
            var cell = BitOperations.TrailingZeroCount(front);
            front &= front - 1;
            if (endOf[cell] == end)
                continue;
            endOf[cell] = end;
            front |= near[cell] & own;
        }
    }

    private void AddNeighbours(ulong free)
    {
        foreach (var cell in Cells.Of(free))
        {
            var end = endOf[cell];
            if ((from >> cell & 1) != 0)
                AddFull(end, From, 0);
            if ((to >> cell & 1) != 0)
                AddFull(end, To, 0);
            foreach (var beside in Cells.Of(near[cell]))
            {
                if (endOf[beside] is var next && next >= 0)
                    AddFull(end, next, 0);
            }
        }
    }

    // Over its second end, which is no edge: a way over an edge ends there.
    private void Lengthen(int end, int over, ulong carrier)
    {
        if (over is From or To)
            return;
        for (var next = 0; next < ends; next++)
        {
            if (next == end || next == over || (cellOf[next] & carrier) != 0)
                continue;
            var pair = Pair(over, next);
            for (var index = 0; index < fulls[pair]; index++)
            {
                var rest = full[(pair * MaxFull) + index];
                if ((rest & (carrier | cellOf[end])) != 0)
                    continue;
                if (cellOf[over] == 0)
                    AddFull(end, next, carrier | rest);
                else
                    AddSemi(end, next, carrier | rest | cellOf[over]);
            }
        }
    }

    private void AddFull(int a, int b, ulong carrier)
    {
        var pair = Pair(a, b);
        if (Has(full.AsSpan(pair * MaxFull, fulls[pair]), carrier))
            return;
        Leave(full.AsSpan(pair * MaxFull, MaxFull), ref fulls[pair], carrier);
        Leave(semi.AsSpan(pair * MaxSemi, MaxSemi), ref semis[pair], carrier);
        if (fulls[pair] == MaxFull)
            return;
        full[(pair * MaxFull) + fulls[pair]++] = carrier;
        waiting.Enqueue((a, b, carrier));
    }

    private void AddSemi(int a, int b, ulong carrier)
    {
        var pair = Pair(a, b);
        var list = semi.AsSpan(pair * MaxSemi, MaxSemi);
        if (Has(full.AsSpan(pair * MaxFull, fulls[pair]), carrier) || Has(list[..semis[pair]], carrier))
            return;
        Leave(list, ref semis[pair], carrier);
        if (semis[pair] == MaxSemi)
            return;
        Span<ulong> others = stackalloc ulong[MaxSemi];
        list[..semis[pair]].CopyTo(others);
        others = others[..semis[pair]];
        list[semis[pair]++] = carrier;
        Join(a, b, carrier, carrier, others, 1);
    }

    private void Join(int a, int b, ulong common, ulong all, ReadOnlySpan<ulong> others, int joined)
    {
        for (var index = 0; index < others.Length; index++)
        {
            var left = common & others[index];
            if (left == 0)
                AddFull(a, b, all | others[index]);
            else if (left != common && joined + 1 < MaxJoined)
                Join(a, b, left, all | others[index], others[(index + 1)..], joined + 1);
        }
    }

    /// <summary>Whether one needs no cell that is not in the carrier.</summary>
    private static bool Has(ReadOnlySpan<ulong> list, ulong carrier)
    {
        foreach (var one in list)
        {
            if ((one & ~carrier) == 0)
                return true;
        }

        return false;
    }

    /// <summary>Takes out those that need all of the carrier's cells.</summary>
    private static void Leave(Span<ulong> list, ref int count, ulong carrier)
    {
        var kept = 0;
        for (var index = 0; index < count; index++)
        {
            if ((carrier & ~list[index]) != 0)
                list[kept++] = list[index];
        }

        count = kept;
    }

    private int Pair(int a, int b) => (Math.Min(a, b) * (cells + 2)) + Math.Max(a, b);
}
