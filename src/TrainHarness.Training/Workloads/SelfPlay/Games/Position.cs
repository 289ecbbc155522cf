using System.Numerics;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>
/// The stones of two players who put one each in turn, on a board of up to 128 cells: bit 0 is the first cell of the first row.
/// </summary>
/// <param name="First">Of the player who began.</param>
public readonly record struct Position(UInt128 First, UInt128 Second)
{
    /// <summary>Stones on the board.</summary>
    public int Ply => Count(First) + Count(Second);

    /// <summary>Whether the player who began is to move.</summary>
    public bool FirstMoves => Count(First) == Count(Second);

    /// <summary>Stones of the player to move.</summary>
    public UInt128 Own => FirstMoves ? First : Second;

    /// <summary>Stones of the player who moved last.</summary>
    public UInt128 Other => FirstMoves ? Second : First;

    public UInt128 Occupied => First | Second;

    /// <summary>With one more stone of the player to move.</summary>
    public Position With(int cell) =>
        FirstMoves ? this with { First = First | (UInt128.One << cell) } : this with { Second = Second | (UInt128.One << cell) };

    internal static int Count(UInt128 cells) => BitOperations.PopCount((ulong)cells) + BitOperations.PopCount((ulong)(cells >> 64));
}
