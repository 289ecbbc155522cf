using static TorchSharp.torch;

namespace TrainHarness.Training.Language.Layers;

/// <summary>
/// Sines and cosines of positions (arXiv:1706.03762, section 3.5). Nothing is learned and nothing saved; grows with the longest sentence.
/// </summary>
internal sealed class PositionTable(int width) : IDisposable
{
    private Tensor? table;

    /// <summary>Those of positions from a first one on: <c>[1, length, width]</c>, in the caller's dispose scope.</summary>
    public Tensor At(long first, long length, ScalarType type, Device device)
    {
        if (table is null || table.shape[0] < first + length || table.device != device || table.dtype != type)
        {
            table?.Dispose();
            table = Of((int)Math.Max(64, 2 * (first + length)), width).to(type).to(device).DetachFromDisposeScope();
        }

        return table.narrow(0, first, length).unsqueeze(0);
    }

    public void Dispose() => table?.Dispose();

    private static Tensor Of(int positions, int width)
    {
        var values = new float[positions * width];
        for (var place = 0; place < values.Length; place++)
        {
            var (position, column) = (place / width, place % width);
            var angle = position / Math.Pow(10_000, (double)(column - (column % 2)) / width);
            values[place] = (float)(column % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
        }

        return tensor(values, positions, width);
    }
}
