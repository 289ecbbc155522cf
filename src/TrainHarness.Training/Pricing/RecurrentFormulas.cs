using TrainHarness.Compute;
using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>
/// Recurrent layers and cells. Every step of every example is two products, of the input and of the state, with the weights of all gates
/// one below the other; what the gates do with each other is element by element and counts nothing. Padding is counted as computed.
/// </summary>
internal static class RecurrentFormulas
{
    /// <summary>Whole sequences: <c>RNN</c>, <c>GRU</c> or <c>LSTM</c>, with any number of layers and one or two directions.</summary>
    /// <remarks>
    /// The gradient of a state is a product in every step but the first, whose state is given; there too where the given state needs one. A
    /// layer on top of another needs the gradient of its input wherever the one below computes any.
    /// </remarks>
    public static LayerCost Layer(string name, nn.Module layer, LayerRun run)
    {
        var weights = layer.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        var examples = run.Outputs[1].Shape is [_, var batch, _] ? batch : 1;
        var rows = Rows(run.Input);
        var needsGradState = run.Inputs.Count > 1 && run.Inputs[1].NeedsGradient;
        var needsGradInput = run.NeedsGradInput;
        var cost = new LayerCost(name, "recurrent", Macs.Zero, Macs.Zero, Macs.Zero);
        var layers = 0;
        for (; weights.ContainsKey($"weight_ih_l{layers}"); layers++)
        {
            var passed = false;
            foreach (var direction in Directions.Where(direction => weights.ContainsKey($"weight_ih_l{layers}{direction}")))
            {
                var suffix = $"_l{layers}{direction}";
                var learns = weights.Any(weight => weight.Key.EndsWith(suffix, StringComparison.Ordinal) && weight.Value.requires_grad);
                var computes = needsGradInput || needsGradState || learns;
                cost = Sum(cost, Product(weights[$"weight_ih{suffix}"], rows, needsGradInput ? rows : 0));
                cost = Sum(
                    cost,
                    Product(
                        weights[$"weight_hh{suffix}"],
                        rows,
                        needsGradState ? rows
                            : computes ? rows - examples
                            : 0
                    )
                );
                if (weights.TryGetValue($"weight_hr{suffix}", out var projection))
                    cost = Sum(cost, Product(projection, rows, computes ? rows : 0));
                passed |= computes;
            }

            needsGradInput = passed;
        }

        var isBidirectional = weights.ContainsKey($"weight_ih_l0{Directions[1]}");
        return cost with
        {
            Operation = string.Join(", ", Worded(layers, isBidirectional)),
            Output = string.Join('×', [rows / Math.Max(1, examples), run.Output[^1]]),
        };
    }

    /// <summary>One step of a recurrent layer: <c>RNNCell</c>, <c>GRUCell</c> or <c>LSTMCell</c>.</summary>
    public static LayerCost Cell(string name, nn.Module cell, LayerRun run)
    {
        var weights = cell.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        var rows = Rows(run.Input);
        var needsGradState = run.Inputs.Count > 1 && run.Inputs[1].NeedsGradient;
        var ofInput = Product(weights["weight_ih"], rows, run.NeedsGradInput ? rows : 0);
        var ofState = Product(weights["weight_hh"], rows, needsGradState ? rows : 0);
        return Sum(ofInput, ofState) with { Name = name, Kind = "recurrent", Operation = "one step" };
    }

    private static readonly string[] Directions = ["", "_reverse"];

    private static IEnumerable<string> Worded(int layers, bool isBidirectional)
    {
        if (layers > 1)
            yield return $"{layers} layers";
        if (isBidirectional)
            yield return "bidirectional";
    }

    // How many vectors went in: positions × examples.
    private static long Rows(IReadOnlyList<long> input) => (long)Macs.Product([.. input.SkipLast(1)]).Count;

    /// <param name="gradRows">For how many rows the gradient of the first factor is computed.</param>
    private static LayerCost Product(Tensor weight, long rows, long gradRows)
    {
        var forward = Macs.Product([rows, .. weight.shape]);
        return new("", "", forward, Macs.Product([gradRows, .. weight.shape]), weight.requires_grad ? forward : Macs.Zero);
    }

    private static LayerCost Sum(LayerCost sum, LayerCost next) =>
        sum with
        {
            Forward = sum.Forward + next.Forward,
            GradInput = sum.GradInput + next.GradInput,
            GradWeight = sum.GradWeight + next.GradWeight,
        };
}
