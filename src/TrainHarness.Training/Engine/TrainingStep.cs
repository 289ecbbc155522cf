using TorchSharp.Modules;
using TrainHarness.Protocol;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Engine;

/// <summary>What is done to a network with one batch, and what `study plan` and the benchmarks time.</summary>
/// <param name="average">Follows the weights; null where the recipe has none.</param>
public sealed class TrainingStep(
    Module<Tensor, Tensor> network, IOptimizer optimizer, WeightAverage? average, Augmentation augmentation, Recipe recipe, int imageSize)
{
    private readonly Parameter[] parameters = [.. network.parameters()];

    /// <summary>Augment on the device, forward, loss, backward, optimizer.</summary>
    /// <param name="pixels">uint8 [N, 3, S, S] on the network's device.</param>
    /// <param name="labels">int64 [N], likewise.</param>
    /// <param name="random">Decides the augmentation.</param>
    /// <returns>The loss before the update, a scalar on the device.</returns>
    public Tensor Run(Tensor pixels, Tensor labels, Random random, double learningRate)
    {
        using var examples = augmentation.ForTraining(pixels, imageSize, random);
        var share = recipe.Augmentation.Mixing is { } mixing ? Mixing.Apply(mixing, examples, random) : 1;
        return Update(examples, labels, learningRate, share);
    }

    /// <summary>The same without augmentation.</summary>
    /// <param name="examples">float32 [N, 3, H, W] on the network's device.</param>
    /// <param name="share">Of an example's own label; see <see cref="TrainingLoss"/>.</param>
    public Tensor Update(Tensor examples, Tensor labels, double learningRate, double share = 1)
    {
        var loss = Loss(examples, labels, share);
        // The network's own zero_grad walks through all its modules first.
        foreach (var parameter in parameters)
            parameter.grad = null;
        loss.backward();
        if (recipe.GradientClip is { } limit)
            GradientClip.Apply(parameters, limit);
        optimizer.Update(learningRate);
        average?.Update();
        return loss;
    }

    private Tensor Loss(Tensor examples, Tensor labels, double share)
    {
        // A scope of its own: activations die with the backward pass, not with the step.
        using var scope = NewDisposeScope();
        var logits = ForwardPass.Of(network, examples, recipe);
        return TrainingLoss.Of(logits, labels, share, recipe).MoveToOuterDisposeScope();
    }
}
