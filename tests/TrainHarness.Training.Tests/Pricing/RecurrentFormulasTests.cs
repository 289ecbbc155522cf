using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

public class RecurrentFormulasTests
{
    // 4 steps × 2 examples × 4 gates of 5 × (3 in + 5 state) = 1280. The state's gradient, 100 products a step and example, in all steps
    // but the first: 600.
    [Fact]
    public void An_lstm_multiplies_input_and_state_by_the_weights_of_four_gates()
    {
        using var lstm = nn.LSTM(3, 5);
        using var input = zeros(4, 2, 3);

        var layer = Price(lstm, () => lstm.call(input));

        Assert.Equal(("recurrent", "", "4×5"), (layer.Kind, layer.Operation, layer.Output));
        Assert.Equal((1280, 600, 1280), Counts(layer));
    }

    // In addition 4 × 2 × 20 × 3 for the input; for the given state the first step too: 2 × 20 × 5 more.
    [Fact]
    public void Gradients_of_an_input_and_of_a_given_state_are_products_too()
    {
        using var lstm = nn.LSTM(3, 5);
        using var input = zeros(4, 2, 3, requires_grad: true);
        using var hidden = zeros(1, 2, 5, requires_grad: true);
        using var cell = zeros(1, 2, 5);

        Assert.Equal((1280, 600 + 480, 1280), Counts(Price(lstm, () => lstm.call(input))));
        Assert.Equal((1280, 600 + 480 + 200, 1280), Counts(Price(lstm, () => lstm.call(input, (hidden, cell)))));
    }

    // 4 × 2 × 5 × (3 + 5) = 320 for one gate.
    [Fact]
    public void A_gru_has_three_gates_and_a_plain_layer_one()
    {
        using var gru = nn.GRU(3, 5);
        using var rnn = nn.RNN(3, 5);
        using var input = zeros(4, 2, 3);

        Assert.Equal((960, 450, 960), Counts(Price(gru, () => gru.call(input))));
        Assert.Equal((320, 150, 320), Counts(Price(rnn, () => rnn.call(input))));
    }

    // Below, in each of two directions: 12 × 15 × (3 + 5) = 1440. Above, over both directions: 12 × 15 × (10 + 5) = 2700. Gradients of the
    // states: 4 × (12 − 2) × 15 × 5 = 3000; of what the upper layers took: 2 × 12 × 15 × 10 = 3600.
    [Fact]
    public void Layers_on_top_of_two_directions_take_both()
    {
        using var gru = nn.GRU(3, 5, numLayers: 2, bidirectional: true);
        using var input = zeros(6, 2, 3);

        var layer = Price(gru, () => gru.call(input));

        Assert.Equal(("2 layers, bidirectional", "6×10"), (layer.Operation, layer.Output));
        Assert.Equal((2 * (1440 + 2700), 3000 + 3600, 2 * (1440 + 2700)), Counts(layer));
    }

    // Sutskever et al. 2014: four layers of 1000 over inputs of 1000, 32 million a word (AI and Efficiency's first row of translation).
    [Fact]
    public void Four_layers_of_a_thousand_cost_thirty_two_million_a_word()
    {
        using var lstm = nn.LSTM(1000, 1000, numLayers: 4);
        using var input = zeros(3, 1, 1000);

        Assert.Equal(3 * 32_000_000, Counts(Price(lstm, () => lstm.call(input))).Forward);
    }

    [Fact]
    public void The_order_of_positions_and_examples_changes_no_price()
    {
        using var first = nn.LSTM(3, 5, batchFirst: true);
        using var second = nn.LSTM(3, 5);

        Assert.Equal(Price(second, () => second.call(zeros(4, 2, 3))), Price(first, () => first.call(zeros(2, 4, 3))));
    }

    [Fact]
    public void A_batch_of_no_examples_is_priced_as_the_batch_that_it_stands_for()
    {
        using var network = new Rows();
        using var none = zeros(0, 3, 6, 6);

        var cost = NetworkPricer.PriceFromNone(network, 7, () => network.call(none));

        // 6 rows of 3 × 6 numbers, 20 gate outputs each.
        Assert.Equal(Macs.Product(7, 6, 20, 18 + 5), cost.Forward);
        Assert.Equal(Macs.Product(7, 5, 20, 5), cost.GradInput);
    }

    [Fact]
    public void Lookups_cost_nothing_but_make_the_layer_behind_give_them_a_gradient()
    {
        using var network = new Words();
        using var words = zeros(4, 2, dtype: ScalarType.Int64);

        var cost = NetworkPricer.Price(network, 2, () => network.call(words));

        Assert.Equal((1280, 600 + 480, 1280), Counts(Assert.Single(cost.Layers)));
    }

    [Fact]
    public void A_sequence_that_is_packed_is_an_error_and_not_free()
    {
        using var lstm = nn.LSTM(3, 5);
        using var packed = nn.utils.rnn.pack_padded_sequence(zeros(4, 2, 3), tensor(new long[] { 4, 3 }));

        var exception = Assert.Throws<InvalidOperationException>(() => Price(lstm, () => lstm.call(packed)));

        Assert.Contains("PackedSequence", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 12)];

    // The same arithmetic by two linear layers a step: their prices are known, and what they give is what the layer gives.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_lstm_costs_what_the_linear_layers_of_its_steps_cost(int seed)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var (inputs, hidden, steps) = (random.Next(1, 6), random.Next(1, 6), random.Next(1, 6));
        var (examples, layers, isBidirectional) = (random.Next(1, 5), random.Next(1, 4), random.Next(2) == 0);
        using var lstm = nn.LSTM(inputs, hidden, layers, bidirectional: isBidirectional);
        foreach (var parameter in lstm.parameters())
            parameter.requires_grad = random.Next(3) > 0;
        var input = randn(steps, examples, inputs, requires_grad: random.Next(2) == 0);
        long[] sizes = [layers * (isBidirectional ? 2 : 1), examples, hidden];
        (Tensor Hidden, Tensor Cell)? state = random.Next(2) == 0 ? null : (randn(sizes, requires_grad: random.Next(2) == 0), randn(sizes));
        using var unrolled = new Unrolled(lstm, layers, isBidirectional);

        var layer = Price(lstm, () => lstm.call(input, state));
        var steplike = NetworkPricer.Price(unrolled, examples, () => unrolled.call(input, state));

        Assert.True(lstm.call(input, state).Item1.allclose(unrolled.call(input, state), rtol: 1e-4, atol: 1e-5));
        Assert.Equal((steplike.Forward, steplike.GradInput, steplike.GradWeight), (layer.Forward, layer.GradInput, layer.GradWeight));
    }

    // 2 examples × 20 × (3 + 5) = 320; with a state that needs a gradient 2 × 20 × 5 = 200.
    [Fact]
    public void A_cell_costs_one_step()
    {
        using var lstm = nn.LSTMCell(3, 5);
        using var gru = nn.GRUCell(3, 5);
        using var rnn = nn.RNNCell(3, 5);
        using var input = zeros(2, 3);
        using var state = zeros(2, 5, requires_grad: true);
        using var given = zeros(2, 5);

        Assert.Equal((320, 0, 320), Counts(Price(lstm, () => lstm.call(input, (given, given)))));
        Assert.Equal((320, 200, 320), Counts(Price(lstm, () => lstm.call(input, (state, state)))));
        Assert.Equal((240, 150, 240), Counts(Price(gru, () => gru.call(input, state))));
        Assert.Equal((80, 50, 80), Counts(Price(rnn, () => rnn.call(input, state))));
    }

    [Fact]
    public void A_cell_called_step_by_step_costs_what_the_layer_costs()
    {
        using var cell = nn.GRUCell(3, 5);
        using var layer = nn.GRU(3, 5);
        using var input = zeros(6, 2, 3);

        var steps = NetworkPricer.Price(cell, 2, () =>
        {
            var state = cell.call(input[0], zeros(2, 5));
            for (var step = 1; step < 6; step++)
                state = cell.call(input[step], state);
        });

        var whole = Price(layer, () => layer.call(input));
        Assert.Equal((whole.Forward, whole.GradInput, whole.GradWeight), (steps.Forward, steps.GradInput, steps.GradWeight));
    }

    private static LayerCost Price(nn.Module layer, Action forward) => Assert.Single(NetworkPricer.Price(layer, 1, forward).Layers);

    private static (long Forward, long GradInput, long GradWeight) Counts(LayerCost layer) =>
        ((long)layer.Forward.Count, (long)layer.GradInput.Count, (long)layer.GradWeight.Count);

    private sealed class Words : nn.Module<Tensor, Tensor>
    {
        private readonly Embedding embedding = nn.Embedding(10, 3);
        private readonly LSTM lstm = nn.LSTM(3, 5);

        public Words()
            : base(nameof(Words)) => RegisterComponents();

        public override Tensor forward(Tensor input) => lstm.call(embedding.call(input)).Item1;
    }

    /// <summary>Reads an image row by row.</summary>
    private sealed class Rows : nn.Module<Tensor, Tensor>
    {
        private readonly LSTM lstm = nn.LSTM(18, 5);

        public Rows()
            : base(nameof(Rows)) => RegisterComponents();

        public override Tensor forward(Tensor input) => lstm.call(input.permute(2, 0, 1, 3).flatten(2)).Item1;
    }

    /// <summary>An LSTM's steps written out, with its weights.</summary>
    private sealed class Unrolled : nn.Module<Tensor, (Tensor Hidden, Tensor Cell)?, Tensor>
    {
        private readonly ModuleList<Linear> of_input = nn.ModuleList<Linear>();
        private readonly ModuleList<Linear> of_state = nn.ModuleList<Linear>();
        private readonly int layers;
        private readonly int directions;

        public Unrolled(LSTM lstm, int layers, bool isBidirectional)
            : base(nameof(Unrolled))
        {
            this.layers = layers;
            directions = isBidirectional ? 2 : 1;
            var weights = lstm.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
            for (var index = 0; index < layers * directions; index++)
            {
                var suffix = $"l{index / directions}{(index % directions == 0 ? "" : "_reverse")}";
                of_input.Add(With(weights[$"weight_ih_{suffix}"], weights[$"bias_ih_{suffix}"]));
                of_state.Add(With(weights[$"weight_hh_{suffix}"], weights[$"bias_hh_{suffix}"]));
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor input, (Tensor Hidden, Tensor Cell)? state)
        {
            for (var layer = 0; layer < layers; layer++)
            {
                var (below, first) = (input, layer * directions);
                var both = Enumerable.Range(0, directions).Select(direction => Directed(below, state, first + direction, direction == 1));
                input = cat([.. both], 2);
            }

            return input;
        }

        private Tensor Directed(Tensor input, (Tensor Hidden, Tensor Cell)? state, int index, bool isReverse)
        {
            var hidden = state?.Hidden[index] ?? zeros(input.shape[1], of_state[index].in_features);
            var cell = state?.Cell[index] ?? zeros(1);
            var gates = of_input[index].call(input);
            var outputs = new Tensor[input.shape[0]];
            for (var step = 0; step < outputs.Length; step++)
            {
                var position = isReverse ? outputs.Length - 1 - step : step;
                var parts = (gates[position] + of_state[index].call(hidden)).chunk(4, 1);
                cell = (parts[1].sigmoid() * cell) + (parts[0].sigmoid() * parts[2].tanh());
                hidden = outputs[position] = parts[3].sigmoid() * cell.tanh();
            }

            return stack(outputs, 0);
        }

        private static Linear With(Parameter weight, Parameter bias)
        {
            var linear = nn.Linear(weight.shape[1], weight.shape[0]);
            linear.weight = new Parameter(weight.detach().clone(), weight.requires_grad);
            linear.bias = new Parameter(bias.detach().clone(), bias.requires_grad);
            return linear;
        }
    }
}
