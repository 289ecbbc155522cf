namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>A game of two players who put stones on a board in turn, with nothing hidden and nothing left to chance.</summary>
public interface IGame
{
    /// <summary>As a study names it: <c>hex-5x5</c>.</summary>
    string Name { get; }

    int Rows { get; }

    int Columns { get; }

    /// <summary>How many moves there are to choose from; they are numbered from 0.</summary>
    int Moves { get; }

    /// <summary>Ways to look at the board that change nothing in the game; the first is to leave it as it is.</summary>
    int Symmetries { get; }

    /// <summary>The moves that the rules allow, one bit each, where the game is not over.</summary>
    UInt128 Legal(Position position);

    /// <param name="move">A legal one.</param>
    Position After(Position position, int move);

    /// <summary>What the game gives to the player who moved last: 1 for a win, 0 for a draw; null while it goes on.</summary>
    int? Result(Position position);

    /// <summary>How the player to move is shown the board.</summary>
    BoardView View(bool firstMoves, int symmetry);
}

/// <summary>Where the cells and the moves of a board stand for somebody who looks at it.</summary>
/// <param name="Cells">For each cell of the board, its place in what is shown.</param>
/// <param name="Moves">For each move, its number there.</param>
public sealed record BoardView(IReadOnlyList<int> Cells, IReadOnlyList<int> Moves);
