using TrainHarness.Compute;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Workloads.Translation.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>Some pairs on the device, filled up to one length each.</summary>
/// <param name="Source">int64 <c>[N, S]</c>: subwords, the end, padding.</param>
/// <param name="Target">int64 <c>[N, T]</c>: the begin, subwords, padding.</param>
/// <param name="Wanted">int64 <c>[N, T]</c>: what comes after each of them: subwords, the end, padding.</param>
internal sealed record PairBatch(Tensor Source, Tensor Target, Tensor Wanted) : IBatch
{
    public BatchShape Shape => new((int)Source.shape[0], (int)Source.shape[1], (int)Target.shape[1]);

    public Macs Spent => Macs.Zero;

    /// <param name="shape">As long as the longest of them, or longer.</param>
    public static PairBatch Of(IReadOnlyList<TokenPair> pairs, BatchShape shape, Device device) =>
        new(
            Filled([.. pairs.Select(pair => (ushort[])[.. pair.Source, SubwordModel.End])], shape.Lengths[0], device),
            Filled([.. pairs.Select(pair => (ushort[])[SubwordModel.Begin, .. pair.Target])], shape.Lengths[1], device),
            Filled([.. pairs.Select(pair => (ushort[])[.. pair.Target, SubwordModel.End])], shape.Lengths[1], device)
        );

    public void Dispose()
    {
        Source.Dispose();
        Target.Dispose();
        Wanted.Dispose();
    }

    private static Tensor Filled(IReadOnlyList<ushort[]> rows, int length, Device device)
    {
        var numbers = new long[rows.Count * length];
        Array.Fill(numbers, SubwordModel.Padding);
        for (var row = 0; row < rows.Count; row++)
            Array.Copy(rows[row], 0, numbers, row * length, rows[row].Length);
        return ComputeDevice.Upload(tensor(numbers, rows.Count, length), device);
    }
}
