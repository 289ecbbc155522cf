using System.Globalization;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>A position where the player to move can keep a win and can lose it.</summary>
/// <param name="WinningMoves">The moves that keep it, one bit each.</param>
public sealed record DecisionPosition(Position Position, UInt128 WinningMoves)
{
    internal const string Header = "board,to_move,first_stones,second_stones,winning_moves";

    /// <summary>One line of CSV: the size of the board, who moves (0 for the first player), and cells row by row.</summary>
    public string ToLine(int size) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{size},{(Position.FirstMoves ? 0 : 1)},{Text(Position.First, size)},{Text(Position.Second, size)},{Text(WinningMoves, size)}"
        );

    /// <exception cref="FormatException">The line is of something else.</exception>
    public static DecisionPosition Parse(string line, int size)
    {
        var parts = line.Split(',');
        if (parts.Length != 5 || parts[0] != size.ToString(CultureInfo.InvariantCulture))
            throw new FormatException($"'{line}' is no position on a board of {size}×{size}.");
        var position = new Position(Bits(parts[2], size), Bits(parts[3], size));
        return parts[1] == (position.FirstMoves ? "0" : "1")
            ? new DecisionPosition(position, Bits(parts[4], size))
            : throw new FormatException($"'{line}' has another player to move than its stones say.");
    }

    private static string Text(UInt128 cells, int size) =>
        string.Concat(Enumerable.Range(0, size * size).Select(cell => (cells >> cell & 1) == 0 ? '0' : '1'));

    private static UInt128 Bits(string text, int size)
    {
        if (text.Length != size * size)
            throw new FormatException($"'{text}' is no board of {size}×{size}.");
        UInt128 bits = 0;
        for (var cell = 0; cell < text.Length; cell++)
            bits |= text[cell] == '1' ? UInt128.One << cell : 0;
        return bits;
    }
}
