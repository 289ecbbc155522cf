using TrainHarness.Compute;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>Some images on the device, with their labels.</summary>
/// <param name="Pixels">uint8 [N, 3, side, side].</param>
/// <param name="Labels">int64 [N].</param>
public sealed record ImageBatch(Tensor Pixels, Tensor Labels) : IBatch
{
    public BatchShape Shape => new((int)Labels.shape[0]);

    public Macs Spent => Macs.Zero;

    public void Dispose()
    {
        Pixels.Dispose();
        Labels.Dispose();
    }
}
