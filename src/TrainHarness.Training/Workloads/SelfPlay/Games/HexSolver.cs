using System.Numerics;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>
/// Plays Hex perfectly on boards of up to 7×7 cells, in as much time as that takes. A player who wins does so with some of the free cells,
/// the carrier, even if the other one had all the rest; so the other must move into every carrier that was found, and whatever lies outside
/// of one loses (Hayward et al. 2005, Solving 7×7 Hex, Theoretical Computer Science 349). Connections win without a look further. What was
/// solved is remembered. Not for several threads.
/// </summary>
public sealed class HexSolver
{
    // Of what is remembered; the other bits are cells.
    private const ulong WinBit = 1UL << 63;
    private const int LargestSize = 7;

    /// <summary>The largest board whose every position is solved within minutes.</summary>
    internal const int LargestQuickSize = 6;

    private readonly Hex game;
    private readonly ulong board;
    private readonly HexConnections[] connections;
    private readonly Dictionary<(ulong Own, ulong Other), ulong> solved = [];

    /// <param name="game">On a board of up to 7×7.</param>
    public HexSolver(Hex game)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(game.Size, LargestSize);
        this.game = game;
        board = (1UL << game.Moves) - 1;
        connections = [new HexConnections(game, isFirst: true), new HexConnections(game, isFirst: false)];
    }

    /// <summary>Positions that were looked into, all calls together.</summary>
    public long Nodes { get; private set; }

    /// <summary>Whether the player to move wins a game that is not over.</summary>
    public bool Wins(Position position) => Solve(position).Wins;

    /// <returns>Whether the player to move wins, and the free cells that the winner needs; it wins whoever has the others.</returns>
    public (bool Wins, UInt128 Carrier) Solve(Position position) =>
        Solve((ulong)position.Own, (ulong)position.Other, position.FirstMoves ? 0 : 1);

    /// <summary>The moves that keep the win, one bit each; none where the player to move has lost.</summary>
    public UInt128 WinningMoves(Position position)
    {
        var (own, other, mover) = ((ulong)position.Own, (ulong)position.Other, position.FirstMoves ? 0 : 1);
        ulong winning = 0;
        var must = board & ~(own | other);
        foreach (var move in Ordered(own, other, mover, must))
        {
            var bit = 1UL << move;
            if ((must & bit) == 0)
                continue;
            var (otherWins, carrier) = Solve(other, own | bit, 1 - mover);
            if (otherWins)
                must &= carrier;
            else
                winning |= bit;
        }

        return winning;
    }

    /// <param name="own">Stones of the player to move.</param>
    /// <param name="mover">0 for the player who joins top and bottom.</param>
    /// <returns>Whether the player to move wins, and the winner's carrier.</returns>
    private (bool Wins, ulong Carrier) Solve(ulong own, ulong other, int mover)
    {
        var key = Key(own, other, out var isTurned);
        if (solved.TryGetValue(key, out var known))
            return ((known & WinBit) != 0, isTurned ? Turned(known & ~WinBit) : known & ~WinBit);
        Nodes++;
        // Always the same way round, as ties are broken by number: a carrier must not depend on which of the two was asked for first.
        var (wins, carrier) = Search(key.Own, key.Other, mover);
        solved[key] = carrier | (wins ? WinBit : 0);
        return (wins, isTurned ? Turned(carrier) : carrier);
    }

    private (bool Wins, ulong Carrier) Search(ulong own, ulong other, int mover)
    {
        if (connections[mover].Full(own, other, stopsAtSemi: true) is { } held)
            return (true, held);
        if (connections[mover].Semi is [var open, ..])
            return (true, open);
        if (connections[1 - mover].Full(other, own, stopsAtSemi: false) is { } against)
            return (false, against);
        // Where the other player would win if it were to move: in each of these the mover must play.
        var (must, lost) = (board & ~(own | other), 0UL);
        foreach (var threat in connections[1 - mover].Semi)
            (must, lost) = (must & threat, lost | threat);
        foreach (var move in Ordered(own, other, mover, must))
        {
            var bit = 1UL << move;
            if ((must & bit) == 0)
                continue;
            var (otherWins, carrier) = Solve(other, own | bit, 1 - mover);
            if (!otherWins)
                return (true, carrier | bit);
            must &= carrier;
            lost |= carrier;
        }

        return (false, lost);
    }

    /// <summary>Of the moves, those first that leave the other player the fewest cells to answer in.</summary>
    private int[] Ordered(ulong own, ulong other, int mover, ulong moves)
    {
        var keys = new List<(int Answers, int Move)>();
        foreach (var move in Cells.Of(moves))
        {
            var bit = 1UL << move;
            connections[mover].Full(own | bit, other, stopsAtSemi: false);
            var answers = board & ~(own | other | bit);
            foreach (var threat in connections[mover].Semi)
                answers &= threat;
            keys.Add((BitOperations.PopCount(answers), move));
        }

        keys.Sort();
        return [.. keys.Select(key => key.Move)];
    }

    // Turned by half a turn a position is the same one.
    private (ulong Own, ulong Other) Key(ulong own, ulong other, out bool isTurned)
    {
        var (turnedOwn, turnedOther) = (Turned(own), Turned(other));
        isTurned = (turnedOwn, turnedOther).CompareTo((own, other)) < 0;
        return isTurned ? (turnedOwn, turnedOther) : (own, other);
    }

    private ulong Turned(ulong cells)
    {
        ulong turned = 0;
        for (; cells != 0; cells &= cells - 1)
            turned |= 1UL << game.Turned(BitOperations.TrailingZeroCount(cells));
        return turned;
    }
}
