using TorchSharp;
using TrainHarness.Protocol;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>What training makes small.</summary>
internal static class TrainingLoss
{
    /// <summary>
    /// Cross-entropy with the recipe's label smoothing: of the network's answer, and with their weight of the auxiliary heads'.
    /// </summary>
    /// <param name="logits">[N, classes], or [1 + heads, N, classes] with the network's own answer first.</param>
    /// <param name="labels">int64 [N].</param>
    /// <param name="share">
    /// Of an example's own label; the rest goes to the label of the example that it was mixed with, which stands at the mirrored place.
    /// </param>
    /// <returns>A scalar in the caller's dispose scope.</returns>
    public static Tensor Of(Tensor logits, Tensor labels, double share, Recipe recipe)
    {
        if (logits.dim() == 2)
            return Mixed(logits, labels, share, recipe.LabelSmoothing ?? 0);
        var weight = recipe.AuxiliaryLossWeight
            ?? throw new InvalidOperationException("The network has auxiliary heads and the recipe no weight for them.");
        var loss = Mixed(logits[0], labels, share, recipe.LabelSmoothing ?? 0);
        using Scalar alpha = weight;
        for (var head = 1; head < logits.shape[0]; head++)
            loss = loss.add(Mixed(logits[head], labels, share, recipe.LabelSmoothing ?? 0), alpha: alpha);
        return loss;
    }

    private static Tensor Mixed(Tensor logits, Tensor labels, double share, double smoothing)
    {
        var loss = cross_entropy(logits, labels, label_smoothing: smoothing);
        if (share == 1)
            return loss;
        using Scalar own = share,
            other = 1 - share;
        return loss.mul(own).add(cross_entropy(logits, labels.flip(0), label_smoothing: smoothing), alpha: other);
    }
}
