using TorchSharp.Modules;
using TrainHarness.Compute;
using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>TorchSharp's multi-head attention, of a sequence to itself or to another, over <c>[positions, examples, width]</c>.</summary>
internal static class AttentionFormulas
{
    /// <summary>
    /// The projections of queries, keys, values and of what comes out, each a linear layer; queries by keys and scores by values, over all
    /// heads. The gradients of the first factors of the two stand under grad-input, those of the second ones, which take a weight's place,
    /// under grad-weight. A mask saves nothing: the whole square is computed.
    /// </summary>
    public static LayerCost Price(string name, MultiheadAttention attention, LayerRun run)
    {
        var weights = attention.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        var (targets, examples, width) = (run.Input[0], run.Input[1], run.Input[2]);
        var sources = run.Inputs[1].Shape[0];
        var attended = sources + Added(attention, weights);

        var query = Projected(run.Inputs[0], weights, "q", width, targets * examples);
        var key = Projected(run.Inputs[1], weights, "k", width, sources * examples);
        var value = Projected(run.Inputs[2], weights, "v", width, sources * examples);
        var needsKeys = key.NeedsGradient || NeedsGradient(weights, "bias_k");
        var needsValues = value.NeedsGradient || NeedsGradient(weights, "bias_v");
        var needsScores = query.NeedsGradient || needsKeys;
        var product = Macs.Product(examples, targets, attended, width);
        var output = Linear(weights["out_proj.weight"], targets * examples, needsScores || needsValues);

        Macs If(bool needed) => needed ? product : Macs.Zero;
        return new LayerCost(
            name,
            "attention",
            Macs.Sum([query.Forward, key.Forward, value.Forward, product, product, output.Forward]),
            Macs.Sum([query.GradInput, key.GradInput, value.GradInput, If(query.NeedsGradient), If(needsScores), output.GradInput]),
            Macs.Sum([query.GradWeight, key.GradWeight, value.GradWeight, If(needsKeys), If(needsValues), output.GradWeight])
        )
        {
            Output = $"{targets}×{width}",
        };
    }

    /// <summary>
    /// Positions that the layer adds to those given. It does not say whether it adds one of zeros, so its scores are looked at.
    /// </summary>
    private static long Added(MultiheadAttention attention, Dictionary<string, Parameter> weights)
    {
        using var scope = NewDisposeScope();
        using var withoutGradients = no_grad();
        var example = weights["out_proj.weight"];
        var width = example.shape[0];
        Tensor One(string part)
        {
            var wide = weights.TryGetValue($"{part}_proj_weight", out var own) ? own.shape[1] : width;
            return zeros(1, 1, wide, dtype: example.dtype, device: example.device);
        }

        return attention.forward(One("q"), One("k"), One("v"), null, true, null).Item2.shape[^1] - 1;
    }

    // Where keys and values are as wide as queries, one weight holds the three projections.
    private static Projection Projected(LayerTensor input, Dictionary<string, Parameter> weights, string part, long width, long rows)
    {
        var weight = weights.TryGetValue($"{part}_proj_weight", out var own) ? own : weights["in_proj_weight"];
        var forward = Macs.Product(rows, width, weight.shape[1]);
        return new Projection(
            forward,
            input.NeedsGradient ? forward : Macs.Zero,
            weight.requires_grad ? forward : Macs.Zero,
            input.NeedsGradient || weight.requires_grad || NeedsGradient(weights, "in_proj_bias")
        );
    }

    private static Projection Linear(Tensor weight, long rows, bool needsGradInput)
    {
        var forward = Macs.Product([rows, .. weight.shape]);
        return new Projection(forward, needsGradInput ? forward : Macs.Zero, weight.requires_grad ? forward : Macs.Zero, true);
    }

    private static bool NeedsGradient(Dictionary<string, Parameter> weights, string name) =>
        weights.TryGetValue(name, out var weight) && weight.requires_grad;

    /// <param name="NeedsGradient">Whether the backward pass needs the gradient of what came out.</param>
    private sealed record Projection(Macs Forward, Macs GradInput, Macs GradWeight, bool NeedsGradient);
}
