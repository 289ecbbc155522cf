using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>Cross-entropy of augmented images.</summary>
/// <param name="imageSize">Side in pixels of what the network sees.</param>
internal sealed class ImageObjective(Module<Tensor, Tensor> network, Augmentation augmentation, Recipe recipe, int imageSize) : IObjective
{
    public Tensor Loss(IBatch batch, Random random)
    {
        var (pixels, labels) = (ImageBatch)batch;
        using var examples = augmentation.ForTraining(pixels, imageSize, random);
        var share = recipe.Augmentation?.Mixing is { } mixing ? Mixing.Apply(mixing, examples, random) : 1;
        using var logits = ForwardPass.Of(network, examples, recipe);
        return TrainingLoss.Of(logits, labels, share, recipe);
    }
}
