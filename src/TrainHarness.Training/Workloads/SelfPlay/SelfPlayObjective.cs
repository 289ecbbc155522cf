using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>(z - v)² - πᵀ log p (doi:10.1038/nature24270, equation 1); the weights' own term is the recipe's weight decay.</summary>
internal sealed class SelfPlayObjective(BoardNetwork network) : IObjective
{
    public Tensor Loss(IBatch batch, Random random)
    {
        var positions = (SelfPlayBatch)batch;
        var (policy, value) = network.call(positions.Planes);
        var ofPolicy = functional.log_softmax(policy, 1).mul(positions.Policies).sum(1).mean().neg();
        return functional.mse_loss(value, positions.Values).Plus(ofPolicy);
    }
}
