using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>What a network sees of a position: planes of the board for the player to move.</summary>
internal static class BoardPlanes
{
    /// <summary>Own stones, the other's stones, ones, and ones where the player who began is to move.</summary>
    public const int Count = 4;

    /// <param name="planes">Takes <see cref="Count"/> planes of rows × columns values; zero before.</param>
    public static void Write(IGame game, Position position, int symmetry, Span<float> planes)
    {
        var area = game.Rows * game.Columns;
        var places = game.View(position.FirstMoves, symmetry).Cells;
        foreach (var cell in Cells.Of(position.Own))
            planes[places[cell]] = 1;
        foreach (var cell in Cells.Of(position.Other))
            planes[area + places[cell]] = 1;
        planes.Slice(2 * area, area).Fill(1);
        if (position.FirstMoves)
            planes.Slice(3 * area, area).Fill(1);
    }
}
