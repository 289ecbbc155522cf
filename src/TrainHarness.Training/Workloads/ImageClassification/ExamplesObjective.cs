using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>
/// Cross-entropy of images that are augmented already, float32 [N, 3, H, W]: the step that is compared with other programs', which share
/// the examples.
/// </summary>
internal sealed class ExamplesObjective(Module<Tensor, Tensor> network, Recipe recipe) : IObjective
{
    public Tensor Loss(IBatch batch, Random random)
    {
        var (examples, labels) = (ImageBatch)batch;
        using var logits = ForwardPass.Of(network, examples, recipe);
        return TrainingLoss.Of(logits, labels, share: 1, recipe);
    }
}
