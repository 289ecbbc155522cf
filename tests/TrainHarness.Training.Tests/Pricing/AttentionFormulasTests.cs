using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

public class AttentionFormulasTests
{
    // Width 8, 3 positions, 2 examples. Projections: 4 × 6 rows × 8 × 8 = 1536. Queries by keys and scores by values: 2 × (2 × 3 × 3 × 8)
    // = 288. Under grad-input without an input's own: the last projection 384 and half of the products' 576; the rest under grad-weight.
    [Fact]
    public void Self_attention_costs_four_projections_and_two_products()
    {
        using var attention = nn.MultiheadAttention(8, 2);
        using var input = zeros(3, 2, 8);
        using var learned = zeros(3, 2, 8, requires_grad: true);

        var layer = Price(attention, () => attention.call(input, input, input));

        Assert.Equal(("attention", "3×8"), (layer.Kind, layer.Output));
        Assert.Equal((1536 + 288, 384 + 288, 1536 + 288), Counts(layer));
        Assert.Equal((1536 + 288, 1536 + 288, 1536 + 288), Counts(Price(attention, () => attention.call(learned, learned, learned))));
    }

    // Width 8, keys and values of 5 (libtorch wants them alike); 4 positions look at 6 of one example. Queries and output: 2 × 4 × 64 =
    // 512; keys and values 2 × 6 × 8 × 5 = 480; two products 2 × 4 × 6 × 8 = 384. A memory that needs a gradient adds its two projections.
    [Fact]
    public void Attention_to_another_sequence_projects_each_by_its_own_width()
    {
        using var attention = nn.MultiheadAttention(8, 4, bias: false, kdim: 5, vdim: 5);
        using var queries = zeros(4, 1, 8);
        using var keys = zeros(6, 1, 5, requires_grad: true);
        using var values = zeros(6, 1, 5, requires_grad: true);

        var layer = Price(attention, () => attention.call(queries, keys, values));

        Assert.Equal((512 + 480 + 384, 256 + 480 + 384, 512 + 480 + 384), Counts(layer));
    }

    // The products alone grow: 2 × (1 × 3 × 5 × 8) = 240 where three positions see five.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Positions_that_the_layer_adds_are_looked_at_too(bool needsWeights)
    {
        using var attention = nn.MultiheadAttention(8, 2, add_bias_kv: true, add_zero_attn: true);
        using var input = zeros(3, 1, 8);

        var layer = Price(attention, () => attention.call(input, input, input, need_weights: needsWeights));

        Assert.Equal((4 * 3 * 64) + 240, Counts(layer).Forward);
    }

    [Fact]
    public void A_mask_saves_nothing()
    {
        using var attention = nn.MultiheadAttention(8, 2);
        using var input = zeros(3, 2, 8);
        using var mask = ones(3, 3, dtype: ScalarType.Bool).triu(1);

        var masked = Price(attention, () => attention.call(input, input, input, attn_mask: mask));

        Assert.Equal(Price(attention, () => attention.call(input, input, input)), masked);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 12)];

    // The same layer of linear layers and products whose prices are known.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_attention_costs_what_its_linear_layers_and_products_cost(int seed)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var (heads, examples, targets, sources) = (random.Next(1, 4), random.Next(1, 4), random.Next(1, 6), random.Next(1, 6));
        var (width, memoryWidth) = (heads * random.Next(1, 4), random.Next(1, 7));
        using var attention = nn.MultiheadAttention(width, heads, kdim: memoryWidth, vdim: memoryWidth);
        foreach (var (name, parameter) in attention.named_parameters())
            parameter.requires_grad = !name.Contains("proj_weight", StringComparison.Ordinal) || random.Next(2) == 0;
        using var written = new Written(attention, heads);
        var queries = randn(targets, examples, width, requires_grad: random.Next(2) == 0);
        var keys = randn(sources, examples, memoryWidth, requires_grad: random.Next(2) == 0);
        var values = randn(sources, examples, memoryWidth, requires_grad: random.Next(2) == 0);

        var layer = Price(attention, () => attention.call(queries, keys, values));
        var parts = NetworkPricer.Price(written, examples, () => written.call(queries, keys, values));

        Assert.True(attention.call(queries, keys, values).Item1.allclose(written.call(queries, keys, values), rtol: 1e-4, atol: 1e-5));
        Assert.Equal((parts.Forward, parts.GradInput, parts.GradWeight), (layer.Forward, layer.GradInput, layer.GradWeight));
    }

    // Vaswani et al. 2017, base: width 512, 2048 within, 6 + 6 layers, 32,000 words. The products of attention, which grow with the square
    // of the length, are taken off: 2 × 512 × (S² + T² + S T) a layer.
    [Fact]
    public void Transformer_base_costs_22_million_a_source_token_and_38_million_a_target_token()
    {
        using var scope = NewDisposeScope();
        using var layers = new Pair();
        using var words = nn.Linear(512, 32_000, hasBias: false);
        long Without(int source, int target) =>
            (long)NetworkPricer.Price(layers, 1, () => layers.call(zeros(source, 1, 512), zeros(target, 1, 512))).Forward.Count
            - (2L * 512 * ((source * source) + (target * target) + (source * target)));
        var project = (long)NetworkPricer.Price(words, zeros(1, 1, 512)).Forward.Count;

        Assert.Equal(22_020_096, 6 * (Without(5, 3) - Without(4, 3)));
        Assert.Equal(38_404_096, (6 * (Without(4, 4) - Without(4, 3))) + project);
    }

    private static LayerCost Price(nn.Module layer, Action forward) => Assert.Single(NetworkPricer.Price(layer, 1, forward).Layers);

    private static (long Forward, long GradInput, long GradWeight) Counts(LayerCost layer) =>
        ((long)layer.Forward.Count, (long)layer.GradInput.Count, (long)layer.GradWeight.Count);

    /// <summary>One layer of the encoder and one of the decoder.</summary>
    private sealed class Pair : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly MultiheadAttention of_source = nn.MultiheadAttention(512, 8);
        private readonly MultiheadAttention of_target = nn.MultiheadAttention(512, 8);
        private readonly MultiheadAttention of_memory = nn.MultiheadAttention(512, 8);
        private readonly Sequential encoded = nn.Sequential(nn.Linear(512, 2048), nn.ReLU(), nn.Linear(2048, 512), nn.LayerNorm(512));
        private readonly Sequential decoded = nn.Sequential(nn.Linear(512, 2048), nn.ReLU(), nn.Linear(2048, 512), nn.LayerNorm(512));

        public Pair()
            : base(nameof(Pair)) => RegisterComponents();

        public override Tensor forward(Tensor source, Tensor target)
        {
            var memory = encoded.call(of_source.call(source, source, source).Item1);
            var own = of_target.call(target, target, target).Item1;
            return decoded.call(of_memory.call(own, memory, memory).Item1);
        }
    }

    /// <summary>Multi-head attention written out, with a layer's weights.</summary>
    private sealed class Written : nn.Module<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Linear query;
        private readonly Linear key;
        private readonly Linear value;
        private readonly Linear output;
        private readonly Scores scores = new();
        private readonly Mixture mixture = new();
        private readonly int heads;

        public Written(MultiheadAttention attention, int heads)
            : base(nameof(Written))
        {
            this.heads = heads;
            var weights = attention.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
            // TorchSharp's own layer keeps one weight where the widths are equal.
            var together = weights.TryGetValue("in_proj_weight", out var one);
            var biases = weights["in_proj_bias"].detach().chunk(3, 0);
            Linear Own(string part, int index) => With(weights[$"{part}_proj_weight"], biases[index]);
            (query, key, value) = together
                ? (Part(one!, 0, biases), Part(one!, 1, biases), Part(one!, 2, biases))
                : (Own("q", 0), Own("k", 1), Own("v", 2));
            output = With(weights["out_proj.weight"], weights["out_proj.bias"]);
            RegisterComponents();
        }

        public override Tensor forward(Tensor queries, Tensor keys, Tensor values)
        {
            var (q, k, v) = (Heads(query.call(queries)), Heads(key.call(keys)), Heads(value.call(values)));
            var mixed = mixture.call(nn.functional.softmax(scores.call(q, k), -1), v);
            return output.call(mixed.transpose(0, 1).reshape(queries.shape[0], queries.shape[1], -1));
        }

        private Tensor Heads(Tensor projected) => projected.reshape(projected.shape[0], projected.shape[1] * heads, -1).transpose(0, 1);

        private static Linear Part(Parameter one, int index, Tensor[] biases) =>
            With(one.detach().chunk(3, 0)[index], biases[index], one.requires_grad);

        private static Linear With(Tensor weight, Tensor bias, bool? learns = null)
        {
            var linear = nn.Linear(weight.shape[1], weight.shape[0]);
            linear.weight = new Parameter(weight.detach().clone(), learns ?? weight.requires_grad);
            linear.bias = new Parameter(bias.detach().clone());
            return linear;
        }
    }

    private sealed class Scores() : nn.Module<Tensor, Tensor, Tensor>(nameof(Scores)), IPricedModule
    {
        public override Tensor forward(Tensor queries, Tensor keys) => queries.bmm(keys.transpose(1, 2)) / Math.Sqrt(queries.shape[2]);

        public LayerCost Price(string name, LayerRun run) => Products.Price(name, run, run.Inputs[0].Shape[2]);
    }

    private sealed class Mixture() : nn.Module<Tensor, Tensor, Tensor>(nameof(Mixture)), IPricedModule
    {
        public override Tensor forward(Tensor scores, Tensor values) => scores.bmm(values);

        public LayerCost Price(string name, LayerRun run) => Products.Price(name, run, run.Inputs[1].Shape[1]);
    }

    private static class Products
    {
        public static LayerCost Price(string name, LayerRun run, long summed)
        {
            var forward = Macs.Product([.. run.Output, summed]);
            Macs Gradient(LayerTensor factor) => factor.NeedsGradient ? forward : Macs.Zero;
            return new LayerCost(name, "attention", forward, Gradient(run.Inputs[0]), Gradient(run.Inputs[1]));
        }
    }
}
