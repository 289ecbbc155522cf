using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Language.Layers;

/// <summary>
/// Scaled dot-product attention (arXiv:1706.03762, section 3.2.1) without its projections: queries <c>[N, heads, T, width]</c>, keys and
/// values <c>[N, heads, S, width]</c>, and what is added to the scores, <c>[N or 1, 1, T or 1, S]</c>: 0, or minus infinity where nothing
/// is to be seen.
/// </summary>
/// <param name="scale">Of the scores.</param>
/// <param name="dropout">Of the weights that they become.</param>
public sealed class AttentionProducts(double scale, double dropout = 0)
    : Module<Tensor, Tensor, Tensor, Tensor, Tensor>(nameof(AttentionProducts)),
        IPricedModule
{
    public override Tensor forward(Tensor queries, Tensor keys, Tensor values, Tensor mask)
    {
        using var scope = NewDisposeScope();
        // Held: TorchSharp does not hold the number of a call, and a garbage collection would free it.
        using Scalar factor = scale;
        var weights = queries.mul(factor).matmul(keys.transpose(-2, -1)).Plus(mask).softmax(-1);
        if (dropout > 0)
            weights = functional.dropout(weights, dropout, training);
        return weights.matmul(values).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Queries by keys and scores by values. The gradients of the first factors stand under grad-input, those of the second ones, which
    /// take a weight's place, under grad-weight. A mask saves nothing: the whole square is computed.
    /// </summary>
    public LayerCost Price(string name, LayerRun run)
    {
        var (queries, keys, values) = (run.Inputs[0], run.Inputs[1], run.Inputs[2]);
        var scores = Macs.Product([.. queries.Shape, keys.Shape[^2]]);
        var context = Macs.Product([.. queries.Shape.SkipLast(1), .. values.Shape.TakeLast(2)]);
        var needsScores = queries.NeedsGradient || keys.NeedsGradient;
        return new LayerCost(
            name,
            "attention",
            scores + context,
            (queries.NeedsGradient ? scores : Macs.Zero) + (needsScores ? context : Macs.Zero),
            (keys.NeedsGradient ? scores : Macs.Zero) + (values.NeedsGradient ? context : Macs.Zero)
        );
    }
}
