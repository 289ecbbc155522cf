using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>Measures a network on the whole validation set, the last partial batch included.</summary>
/// <param name="examples">Null where nothing will be evaluated, as in a plan.</param>
/// <param name="settings">What of an image is seen, and how large.</param>
public sealed class Evaluator(
    Module<Tensor, Tensor> network,
    ImageCounts counts,
    IExamples? examples,
    Augmentation augmentation,
    Recipe recipe,
    ImageSettings settings,
    Device device
) : IForeseeableEvaluator
{
    private const int BatchSize = 128;

    /// <summary>What it measures.</summary>
    public IReadOnlyList<Metric> Metrics { get; } = ClassificationMetrics.Of(counts.Classes);

    /// <summary>One forward pass for every validation example.</summary>
    public Macs Price { get; } = PerExample(network, settings.ImageSize, device) * counts.ValidationCount;

    /// <summary>Sizes of the batches of an evaluation: the full one, and the last where it is smaller.</summary>
    /// <param name="count">Examples that are evaluated.</param>
    public static IReadOnlyList<int> BatchSizes(int count) =>
        [
            .. Enumerable.Repeat(BatchSize, Math.Min(1, count / BatchSize)),
            .. Enumerable.Repeat(count % BatchSize, Math.Min(1, count % BatchSize)),
        ];

    /// <summary>
    /// Mean cross-entropy, and the part of examples whose label is the first, or among the first five, of the network's answers.
    /// </summary>
    public EvaluationResult Evaluate()
    {
        using var noGradient = no_grad();
        network.eval();
        var count = counts.ValidationCount;
        // On the device, so that nobody waits for it before the last batch.
        using var sums = zeros(3, dtype: ScalarType.Float64, device: device);
        foreach (var batch in examples!.Read(Split.Validation, Enumerable.Range(0, count).Chunk(BatchSize)))
        {
            using (batch)
            using (NewDisposeScope())
                sums.PlusInPlace(Sums(batch));
        }

        network.train();
        using var onHost = sums.cpu();
        var totals = onHost.data<double>();
        return new EvaluationResult(
            totals[0] / count,
            new Dictionary<string, double> { ["top1"] = totals[1] / count, ["top5"] = totals[2] / count },
            Price
        );
    }

    /// <summary>One batch of drawn pixels through the network.</summary>
    public double Rehearse()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        network.eval();
        var pixels = randint(0, 256, [BatchSize, 3, settings.PackSize, settings.PackSize], dtype: ScalarType.Byte, device: device);
        ForwardPass.Of(network, Seen(pixels), recipe);
        network.train();
        return (double)BatchSize / counts.ValidationCount;
    }

    private static Macs PerExample(Module<Tensor, Tensor> network, int imageSize, Device device)
    {
        using var example = zeros(1, 3, imageSize, imageSize, device: device);
        network.eval();
        var cost = NetworkPricer.PriceForward(network, example);
        network.train();
        return cost.Forward;
    }

    private Tensor Seen(Tensor pixels) => augmentation.ForEvaluation(pixels, settings.CentreSize, settings.ImageSize);

    /// <returns>Summed loss, hits, hits among the first five: float64 [3].</returns>
    private Tensor Sums(ImageBatch batch)
    {
        var logits = ForwardPass.Of(network, Seen(batch.Pixels), recipe);
        var loss = cross_entropy(logits, batch.Labels, reduction: Reduction.Sum);
        var hits = Ranked(logits, Math.Min(5, counts.Classes)).eq(batch.Labels.unsqueeze(1));
        return stack([
            loss.to_type(ScalarType.Float64),
            hits.narrow(1, 0, 1).sum().to_type(ScalarType.Float64),
            hits.sum().to_type(ScalarType.Float64),
        ]);
    }

    private static Tensor Ranked(Tensor logits, int answers) => logits.topk(answers, dim: 1).indexes;
}
