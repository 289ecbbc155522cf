using System.Globalization;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>
/// Hex without swap: the first player joins top and bottom, the second left and right. Neighbours of a cell are left, right, up, down,
/// up-right and down-left. There are no draws (Gale 1979, American Mathematical Monthly 86).
/// </summary>
public sealed class Hex : IGame
{
    /// <summary>The largest board whose cells fit into 128 bits.</summary>
    public const int LargestSize = 11;

    private readonly UInt128 board;
    private readonly UInt128 leftColumn;
    private readonly UInt128 rightColumn;
    private readonly UInt128 topRow;
    private readonly UInt128 bottomRow;
    private readonly BoardView[] views;

    /// <param name="size">Cells on a side, from 2 to 11.</param>
    public Hex(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, LargestSize);
        Size = size;
        for (var cell = 0; cell < size * size; cell++)
        {
            var bit = UInt128.One << cell;
            board |= bit;
            leftColumn |= cell % size == 0 ? bit : 0;
            rightColumn |= cell % size == size - 1 ? bit : 0;
            topRow |= cell / size == 0 ? bit : 0;
            bottomRow |= cell / size == size - 1 ? bit : 0;
        }

        views = [Seen(cell => cell), Seen(Turned), Seen(Mirrored), Seen(cell => Turned(Mirrored(cell)))];
    }

    public int Size { get; }

    public string Name => string.Create(CultureInfo.InvariantCulture, $"hex-{Size}x{Size}");

    public int Rows => Size;

    public int Columns => Size;

    public int Moves => Size * Size;

    /// <summary>As it is, and turned by half a turn.</summary>
    public int Symmetries => 2;

    public UInt128 Legal(Position position) => board & ~position.Occupied;

    public Position After(Position position, int move) => position.With(move);

    public int? Result(Position position) => Joins(position.Other, ofFirst: !position.FirstMoves) ? 1 : null;

    /// <summary>The second player sees the board mirrored along its diagonal, so that whoever is to move joins top and bottom.</summary>
    public BoardView View(bool firstMoves, int symmetry) => views[(firstMoves ? 0 : 2) + symmetry];

    /// <summary>The board turned by half a turn, which keeps every player's sides.</summary>
    public int Turned(int cell) => (Size * Size) - 1 - cell;

    private int Mirrored(int cell) => (cell % Size * Size) + (cell / Size);

    private bool Joins(UInt128 stones, bool ofFirst)
    {
        var (from, to) = ofFirst ? (topRow, bottomRow) : (leftColumn, rightColumn);
        var reached = stones & from;
        while (true)
        {
            if ((reached & to) != 0)
                return true;
            var grown = reached | (Neighbours(reached) & stones);
            if (grown == reached)
                return false;
            reached = grown;
        }
    }

    // Columns do not wrap: what would leave a row at one end is taken off before it comes in at the other.
    private UInt128 Neighbours(UInt128 cells)
    {
        var (notLeft, notRight) = (cells & ~leftColumn, cells & ~rightColumn);
        return (notRight << 1) | (notLeft >> 1) | (cells << Size) | (cells >> Size) | (notRight >> (Size - 1)) | (notLeft << (Size - 1));
    }

    private BoardView Seen(Func<int, int> place)
    {
        int[] places = [.. Enumerable.Range(0, Moves).Select(place)];
        return new BoardView(places, places);
    }
}
