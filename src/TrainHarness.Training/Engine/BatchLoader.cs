using TrainHarness.Training.Data;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>Brings examples of a pack to the device as they are stored.</summary>
public sealed class BatchLoader(DatasetPack pack, Device device)
{
    /// <summary>
    /// The named examples: pixels uint8 [N, 3, side, side] and labels int64 [N], both on the device and in the caller's dispose scope.
    /// </summary>
    public (Tensor Pixels, Tensor Labels) Load(Split split, ReadOnlySpan<int> indices)
    {
        var side = pack.Header.Side;
        var pixels = empty(indices.Length, 3, side, side, dtype: ScalarType.Byte);
        pack.Copy(split, indices, pixels.bytes);
        var all = pack.Labels(split);
        var labels = new long[indices.Length];
        for (var example = 0; example < labels.Length; example++)
            labels[example] = all[indices[example]];
        return (pixels.to(device), tensor(labels).to(device));
    }
}
