using System.Globalization;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>
/// Connect Four on a board of any size: a stone falls to the lowest free cell of its column, and four in a line win. A full board is a
/// draw.
/// </summary>
public sealed class ConnectFour : IGame
{
    private readonly UInt128 board;
    private readonly (int Step, UInt128 Starts)[] lines;
    private readonly BoardView[] views;

    /// <param name="columns">Wide, at least 4.</param>
    /// <param name="rows">High, at least 4.</param>
    public ConnectFour(int columns = 7, int rows = 6)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns * rows, 128);
        (Columns, Rows) = (columns, rows);
        board = UInt128.MaxValue >> (128 - (columns * rows));
        lines = [Line(0, 1), Line(1, 0), Line(1, 1), Line(1, -1)];
        views = [Seen(column => column), Seen(column => Columns - 1 - column)];
    }

    public string Name => string.Create(CultureInfo.InvariantCulture, $"connect-four-{Columns}x{Rows}");

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>The columns.</summary>
    public int Moves => Columns;

    /// <summary>As it is, and mirrored.</summary>
    public int Symmetries => 2;

    /// <summary>The columns whose cell in the first row, which is the top, is free.</summary>
    public UInt128 Legal(Position position) => ~position.Occupied & ((UInt128.One << Columns) - 1);

    public Position After(Position position, int move)
    {
        var cell = move + ((Rows - 1) * Columns);
        while ((position.Occupied >> cell & 1) != 0)
            cell -= Columns;
        return position.With(cell);
    }

    public int? Result(Position position)
    {
        var stones = position.Other;
        foreach (var (step, starts) in lines)
        {
            if ((stones & (stones >> step) & (stones >> (2 * step)) & (stones >> (3 * step)) & starts) != 0)
                return 1;
        }

        return position.Occupied == board ? 0 : null;
    }

    public BoardView View(bool firstMoves, int symmetry) => views[symmetry];

    private (int Step, UInt128 Starts) Line(int down, int right)
    {
        UInt128 starts = 0;
        for (var cell = 0; cell < Rows * Columns; cell++)
        {
            var (row, column) = ((cell / Columns) + (3 * down), (cell % Columns) + (3 * right));
            if (row < Rows && column >= 0 && column < Columns)
                starts |= UInt128.One << cell;
        }

        return ((down * Columns) + right, starts);
    }

    private BoardView Seen(Func<int, int> column) =>
        new(
            [.. Enumerable.Range(0, Rows * Columns).Select(cell => (cell / Columns * Columns) + column(cell % Columns))],
            [.. Enumerable.Range(0, Columns).Select(column)]
        );
}
