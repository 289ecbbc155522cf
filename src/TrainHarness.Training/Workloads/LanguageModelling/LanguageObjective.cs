using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>Mean cross-entropy of every next unit, those before it in its window given.</summary>
internal sealed class LanguageObjective(LanguageModel network) : IObjective
{
    public Tensor Loss(IBatch batch, Random random)
    {
        using var scope = NewDisposeScope();
        var windows = (WindowBatch)batch;
        return Loss(network.call(windows.Units), windows.Wanted, Reduction.Mean).MoveToOuterDisposeScope();
    }

    /// <param name="logits"><c>[N, T, vocabulary]</c>.</param>
    /// <param name="wanted">int64 <c>[N, T]</c>.</param>
    public static Tensor Loss(Tensor logits, Tensor wanted, Reduction reduction) =>
        functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), reduction: reduction);
}
