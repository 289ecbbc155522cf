using TrainHarness.Protocol;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Engine;

/// <summary>What is done to a network with one batch, and what `study plan` and the benchmarks time.</summary>
public sealed class TrainingStep(Module<Tensor, Tensor> network, MomentumSgd optimizer, Augmentation augmentation, Recipe recipe, int imageSize)
{
    /// <summary>Augment on the device, forward, loss, backward, optimizer.</summary>
    /// <param name="pixels">uint8 [N, 3, S, S] on the network's device.</param>
    /// <param name="labels">int64 [N], likewise.</param>
    /// <param name="random">Decides the augmentation.</param>
    /// <returns>The loss before the update, a scalar on the device.</returns>
    public Tensor Run(Tensor pixels, Tensor labels, Random random, double learningRate)
    {
        using var examples = augmentation.ForTraining(pixels, imageSize, random);
        return Update(examples, labels, learningRate);
    }

    /// <summary>The same without augmentation.</summary>
    /// <param name="examples">float32 [N, 3, H, W] on the network's device.</param>
    public Tensor Update(Tensor examples, Tensor labels, double learningRate)
    {
        var loss = Loss(examples, labels);
        network.zero_grad(set_to_none: true);
        loss.backward();
        optimizer.Step(learningRate);
        return loss;
    }

    private Tensor Loss(Tensor examples, Tensor labels)
    {
        // A scope of its own: activations die with the backward pass, not with the step.
        using var scope = NewDisposeScope();
        var logits = network.call(examples);
        return cross_entropy(logits, labels, label_smoothing: recipe.LabelSmoothing).MoveToOuterDisposeScope();
    }
}
