using TorchSharp;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Language.Subwords;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>Cross-entropy of every next subword, all before it given. Padding counts nothing.</summary>
/// <param name="recipe">Its smoothing is that of arXiv:1512.00567.</param>
internal sealed class TranslationObjective(Translator network, TranslationRecipe recipe) : IObjective
{
    public Tensor Loss(IBatch batch, Random random)
    {
        using var scope = NewDisposeScope();
        var pairs = (PairBatch)batch;
        var logits = network.call(pairs.Source, pairs.Target);
        if (!recipe.IsPerSentence)
            return Loss(logits, pairs.Wanted, recipe.LabelSmoothing, Reduction.Mean).MoveToOuterDisposeScope();
        using Scalar sentences = pairs.Shape.Examples;
        return Loss(logits, pairs.Wanted, recipe.LabelSmoothing, Reduction.Sum).div(sentences).MoveToOuterDisposeScope();
    }

    /// <param name="logits"><c>[N, T, vocabulary]</c>.</param>
    /// <param name="wanted">int64 <c>[N, T]</c>.</param>
    public static Tensor Loss(Tensor logits, Tensor wanted, double smoothing, Reduction reduction) =>
        functional.cross_entropy(
            logits.flatten(0, 1),
            wanted.flatten(),
            ignore_index: SubwordModel.Padding,
            reduction: reduction,
            label_smoothing: smoothing
        );
}
