using TrainHarness.Protocol;
using TrainHarness.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Engine;

/// <summary>Measures a network on the whole validation set, the last partial batch included.</summary>
public sealed class Evaluator(DatasetPack pack, IExamples examples, Augmentation augmentation, Recipe recipe, int imageSize, Device device)
{
    internal const int BatchSize = 128;

    /// <summary>What it measures.</summary>
    public IReadOnlyList<Metric> Metrics { get; } = ClassificationMetrics.Of(pack.Header.ClassNames.Count);

    /// <summary>Sizes of the batches of an evaluation: the full one, and the last where it is smaller.</summary>
    /// <param name="count">Examples that are evaluated.</param>
    public static IReadOnlyList<int> BatchSizes(int count) =>
        [.. Enumerable.Repeat(BatchSize, Math.Min(1, count / BatchSize)), .. Enumerable.Repeat(count % BatchSize, Math.Min(1, count % BatchSize))];

    /// <summary>Mean cross-entropy, and the part of examples whose label is the first, or among the first five, of the network's answers.</summary>
    public (double Loss, IReadOnlyDictionary<string, double> Metrics) Evaluate(Module<Tensor, Tensor> network)
    {
        using var noGradient = no_grad();
        network.eval();
        var count = pack.Header.ValidationCount;
        // On the device, so that nobody waits for it before the last batch.
        using var sums = zeros(3, dtype: ScalarType.Float64, device: device);
        foreach (var batch in examples.Read(Split.Validation, Enumerable.Range(0, count).Chunk(BatchSize)))
        {
            using (batch)
            using (NewDisposeScope())
                sums.add_(Sums(network, batch));
        }

        network.train();
        using var onHost = sums.cpu();
        var totals = onHost.data<double>();
        return (totals[0] / count, new Dictionary<string, double> { ["top1"] = totals[1] / count, ["top5"] = totals[2] / count });
    }

    /// <returns>Summed loss, hits, hits among the first five: float64 [3].</returns>
    private Tensor Sums(Module<Tensor, Tensor> network, Batch batch)
    {
        var logits = ForwardPass.Of(network, augmentation.ForEvaluation(batch.Pixels, imageSize), recipe);
        var loss = cross_entropy(logits, batch.Labels, reduction: Reduction.Sum);
        var hits = Ranked(logits, Math.Min(5, pack.Header.ClassNames.Count)).eq(batch.Labels.unsqueeze(1));
        return stack([loss.to_type(ScalarType.Float64), hits.narrow(1, 0, 1).sum().to_type(ScalarType.Float64), hits.sum().to_type(ScalarType.Float64)]);
    }

    private static Tensor Ranked(Tensor logits, int answers) => logits.topk(answers, dim: 1).indexes;
}
