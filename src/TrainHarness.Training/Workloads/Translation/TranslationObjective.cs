using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.Translation.Architectures;
using TrainHarness.Training.Workloads.Translation.Subwords;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>Cross-entropy of every next subword, all words before it given; the mean over the subwords that are no padding.</summary>
/// <param name="smoothing">Part of every subword's probability that all others share (arXiv:1512.00567).</param>
internal sealed class TranslationObjective(Translator network, double smoothing) : IObjective
{
    public Tensor Loss(IBatch batch, Random random)
    {
        using var scope = NewDisposeScope();
        var pairs = (PairBatch)batch;
        return Loss(network.call(pairs.Source, pairs.Target), pairs.Wanted, smoothing, Reduction.Mean).MoveToOuterDisposeScope();
    }

    /// <param name="logits"><c>[N, T, vocabulary]</c>.</param>
    /// <param name="wanted">int64 <c>[N, T]</c>.</param>
    public static Tensor Loss(Tensor logits, Tensor wanted, double smoothing, Reduction reduction) => functional.cross_entropy(
        logits.flatten(0, 1), wanted.flatten(), ignore_index: SubwordModel.Padding, reduction: reduction, label_smoothing: smoothing);
}
