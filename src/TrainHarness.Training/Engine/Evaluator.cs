using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Engine;

/// <summary>Measures a network on the whole validation set, the last partial batch included.</summary>
public sealed class Evaluator(DatasetPack pack, BatchLoader loader, Augmentation augmentation, Recipe recipe, int imageSize)
{
    /// <summary>Names of the metrics, as in evaluations.csv.</summary>
    public static IReadOnlyList<string> Metrics { get; } = ["top1", "top5"];

    internal const int BatchSize = 128;

    /// <summary>The metric of blind guessing among equally likely classes.</summary>
    public static double Chance(string metric, int classes) => metric switch
    {
        "top1" => 1.0 / classes,
        "top5" => Math.Min(5, classes) / (double)classes,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
    };

    /// <summary>Mean cross-entropy, and the part of examples whose label is the first, or among the first five, of the network's answers.</summary>
    public (double Loss, IReadOnlyDictionary<string, double> Metrics) Evaluate(Module<Tensor, Tensor> network)
    {
        using var noGradient = no_grad();
        network.eval();
        var indices = Enumerable.Range(0, pack.Header.ValidationCount).ToArray();
        var (loss, first, firstFive) = (0.0, 0L, 0L);
        foreach (var batch in indices.Chunk(BatchSize))
        {
            using var scope = NewDisposeScope();
            var (pixels, labels) = loader.Load(Split.Validation, batch);
            var logits = ForwardPass.Of(network, augmentation.ForEvaluation(pixels, imageSize), recipe);
            loss += cross_entropy(logits, labels, reduction: Reduction.Sum).ToDouble();
            var hits = Ranked(logits, Math.Min(5, pack.Header.ClassNames.Count)).eq(labels.unsqueeze(1));
            first += hits.narrow(1, 0, 1).sum().ToInt64();
            firstFive += hits.sum().ToInt64();
        }

        network.train();
        return (loss / indices.Length, new Dictionary<string, double>
        {
            ["top1"] = (double)first / indices.Length,
            ["top5"] = (double)firstFive / indices.Length,
        });
    }

    private static Tensor Ranked(Tensor logits, int answers) => logits.topk(answers, dim: 1).indexes;
}
