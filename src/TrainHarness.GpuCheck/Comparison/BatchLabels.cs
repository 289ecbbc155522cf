using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>Labels of batches that are made up.</summary>
internal static class BatchLabels
{
    /// <summary>int64 <c>[batch]</c>: every class in its turn, from 0.</summary>
    public static Tensor InTurn(int batch, int classes, Device device)
    {
        using var scope = NewDisposeScope();
        return tensor([.. Enumerable.Range(0, batch).Select(example => (long)(example % classes))]).to(device).MoveToOuterDisposeScope();
    }
}
