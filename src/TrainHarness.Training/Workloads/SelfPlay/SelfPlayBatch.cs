using TrainHarness.Compute;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>Positions to train on, on the device.</summary>
/// <param name="Planes">[N, planes, rows, columns].</param>
/// <param name="Policies">[N, moves]: parts of the visits.</param>
/// <param name="Values">[N], from -1 to 1.</param>
/// <param name="Spent">The games that were played before it.</param>
internal sealed record SelfPlayBatch(Tensor Planes, Tensor Policies, Tensor Values, Macs Spent) : IBatch
{
    public BatchShape Shape => new((int)Planes.shape[0]);

    public void Dispose()
    {
        Planes.Dispose();
        Policies.Dispose();
        Values.Dispose();
    }
}
