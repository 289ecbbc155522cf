using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Pricing;

/// <summary>Modules that multiply outside the layers that have a formula: each is counted exactly or refused, never less.</summary>
public sealed class OwnModulesTests
{
    public OwnModulesTests() => Assert.SkipUnless(NetworkPricer.OperatorsProblem is null, NetworkPricer.OperatorsProblem ?? "");

    [Fact]
    public void Products_by_matmul_beside_a_child_are_refused_with_module_operators_and_shapes()
    {
        // 64 tokens of width 8: the child has 64·8·24, the scores and the values 2·64·64·8.
        var error = Refusal(new OwnAttention(), ones(2, 64, 8));
        Assert.StartsWith(
            "'attention' (OwnAttention) multiplies 131072 times in the forward pass by its operators, and is counted with 0 "
                + "(aten::bmm [2,64,8] [2,8,64] = 65536; aten::bmm [2,64,64] [2,64,8] = 65536). Let it implement IPricedModule",
            error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_same_products_are_counted_exactly_where_the_module_states_them()
    {
        var cost = Count(new StatedAttention(), ones(2, 64, 8));
        Assert.Equal(Macs.Product(2, (64 * 8 * 24) + (2 * 64 * 64 * 8)), cost.Forward);
        Assert.Equal(Macs.Product(2, (64 * 8 * 24) + (4 * 64 * 64 * 8)), cost.GradInput + cost.GradWeight);
    }

    [Theory]
    [InlineData(0, "forward")]
    [InlineData(1, "backward")]
    public void A_price_that_is_off_by_one_is_refused(int ofWhat, string pass)
    {
        var error = Refusal(new StatedAttention(ofWhat == 0 ? 1 : 0, ofWhat == 1 ? 1 : 0), ones(2, 64, 8));
        Assert.Contains($"in the {pass} pass by its operators", error, StringComparison.Ordinal);
        Assert.EndsWith("Its price must be that of its operators.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Products_by_einsum_are_refused()
    {
        var error = Refusal(new Own("einsum", x => einsum("nc,nd->cd", x, x), child: Linear(6, 6)), ones(4, 6));
        Assert.Contains("'layer' (Own) multiplies 144 times in the forward pass", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_convolution_by_function_on_a_parameter_of_the_module_is_refused()
    {
        var error = Refusal(new OwnConvolution(), ones(2, 3, 8, 8));
        Assert.Contains("'layer' (OwnConvolution) multiplies 15552 times in the forward pass", error, StringComparison.Ordinal);
        Assert.Contains("aten::convolution [2,3,8,8] [8,3,3,3]", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_is_called_twice_counts_twice()
    {
        var cost = Count(new Twice(), ones(3, 5));
        Assert.Equal(Macs.Product(2, 3 * 5 * 5), cost.Forward);
        // The first call's input needs no gradient.
        Assert.Equal((Macs.Product(3 * 5 * 5), Macs.Product(2, 3 * 5 * 5)), (cost.GradInput, cost.GradWeight));
    }

    [Fact]
    public void A_product_inside_a_leaf_that_says_it_has_none_is_refused()
    {
        var error = Refusal(new Leaf(), ones(4, 6));
        Assert.Contains("'layer' (Leaf) multiplies 144 times in the forward pass", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_is_called_by_forward_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Count(new Own("unseen", null, Linear(6, 6)), ones(4, 6)));
        Assert.Contains("by forward instead of call", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_element_by_every_element_is_a_matrix_product_and_refused_as_one()
    {
        var error = Refusal(new Own("outer", x => (x.unsqueeze(2) * x.unsqueeze(1)).sum(dim: 0), Linear(6, 6)), ones(4, 6));
        Assert.Contains(
            "'layer': aten::mul [4,6,1] [4,1,6] multiplies every element of one factor by every element of the other",
            error,
            StringComparison.Ordinal
        );
        var expanded = Refusal(
            new Own("outer", x => (x.unsqueeze(2).expand(4, 6, 6) * x.unsqueeze(1).expand(4, 6, 6)).sum(dim: 0), Linear(6, 6)),
            ones(4, 6)
        );
        Assert.Contains("'layer': aten::mul [4,6,6] [4,6,6] multiplies every element", expanded, StringComparison.Ordinal);
    }

    // Every output as a sum of its own: 4 × 6 multiply-adds each, and no product is larger than its factors.
    [Theory]
    [InlineData("rows")]
    [InlineData("positions")]
    [InlineData("in place")]
    [InlineData("mean")]
    public void A_matrix_product_that_is_written_as_products_and_sums_is_refused(string way)
    {
        using var scope = NewDisposeScope();
        var weight = ones(6, 6);
        Func<Tensor, Tensor> function = way switch
        {
            "rows" => x => stack([.. Enumerable.Range(0, 6).Select(row => (x * weight[row]).sum(1))], 1),
            // What one position asks of all of them: [N, 1, 6] by [N, 3, 6].
            "positions" => x => (x.reshape(4, 1, 6) * x.reshape(4, 1, 6).repeat(1, 3, 1)).sum(-1),
            "in place" => x => x.clone().mul_(weight[0]).sum(1, keepdim: true),
            _ => x => (weight[0] * x).mean([-1]),
        };
        var error = Refusal(new Own("slices", function, Linear(6, 6)), ones(4, 6));
        Assert.StartsWith("'layer': aten::mul", error, StringComparison.Ordinal);
        Assert.Contains("is a matrix product. Write it with matmul or einsum", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("squeeze and excitation")]
    [InlineData("layer scale")]
    [InlineData("gates")]
    [InlineData("hand-written swish before a pooling")]
    [InlineData("variance")]
    [InlineData("two products and something between")]
    public void Gates_scales_and_statistics_are_no_matrix_products(string what)
    {
        using var scope = NewDisposeScope();
        Func<Tensor, Tensor> function = what switch
        {
            "softmax" => x => (x * 0.5).softmax(-1).sum(1),
            "squeeze and excitation" => x => (x * x.mean([2, 3], keepdim: true).sigmoid()).mean([2, 3]),
            "layer scale" => x => x.add(x * ones(3, 1, 1)).sum([2, 3]),
            "gates" => x => x.sigmoid().mul(x.tanh()).add(x.neg().add(1).mul(x)).sum(),
            "hand-written swish before a pooling" => x => (x * x.sigmoid()).mean([2, 3]),
            "variance" => x => (x - x.mean()).square().mean().add((x * x).mean([1])),
            _ => x => (x * ones(8, 8)).relu().sum(),
        };
        Assert.NotEqual(Macs.Zero, Count(new Own("free", function, Conv2d(3, 3, 1)), rand(2, 3, 8, 8)).Forward);
    }

    // By hand: 2 batches of 3 × 4 by 4 × 5, and 3 × 4 by 4 × 5; the summand multiplies nothing.
    [Theory]
    [InlineData("baddbmm", 2 * 3 * 4 * 5)]
    [InlineData("addbmm", 2 * 3 * 4 * 5)]
    [InlineData("addmm", 3 * 4 * 5)]
    [InlineData("addmv", 3 * 4)]
    public void Products_with_a_summand_are_counted(string operation, int products)
    {
        Func<Tensor, Tensor> function = operation switch
        {
            "baddbmm" => x => x.baddbmm(ones(2, 4, 5), zeros(2, 3, 5)),
            "addbmm" => x => zeros(3, 5).addbmm(x, ones(2, 4, 5)),
            "addmm" => x => zeros(3, 5).addmm(x[0], ones(4, 5)),
            _ => x => zeros(3).addmv(x[0], ones(4)),
        };
        var error = Refusal(new Own(operation, function, Linear(4, 4)), ones(2, 3, 4));
        Assert.Contains(
            $"'layer' (Own) multiplies {products} times in the forward pass by its operators, and is counted with 0 (aten::{operation} ",
            error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("cdist")]
    [InlineData("inverse")]
    [InlineData("fft")]
    public void What_may_multiply_and_has_no_formula_is_refused(string operation)
    {
        Func<Tensor, Tensor> function = operation switch
        {
            "cdist" => x => cdist(x, x),
            "inverse" => x => linalg.inv(x.matmul(x.t()) + eye(4)),
            _ => x => fft.rfft(x).abs(),
        };
        Assert.Throws<NotSupportedException>(() => Count(new Own(operation, function, Linear(6, 6)), rand(4, 6)));
    }

    [Fact]
    public void What_goes_element_by_element_is_free_without_being_listed()
    {
        var cost = Count(
            new Own(
                "free",
                x =>
                    functional
                        .interpolate(functional.pixel_shuffle(x, 2), scale_factor: [2.0, 2.0], mode: InterpolationMode.Bilinear)
                        .softmax(1)
                        .mul(ones(1, 1, 16, 16))
                        .roll(1, 2)
                        .cumsum(1)
                        .std(1),
                Conv2d(4, 4, 1)
            ),
            ones(2, 4, 4, 4)
        );
        Assert.Equal(Macs.Product(2 * 16 * 16), cost.Forward);
    }

    [Fact]
    public void A_leaf_that_nobody_knows_is_free_where_its_operators_multiply_nothing()
    {
        var cost = Count(Sequential(Linear(6, 6), new LayerScale()), ones(4, 6));
        Assert.Equal(["layer.0"], cost.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void Products_outside_the_network_are_refused()
    {
        using var network = Linear(6, 6);
        var error = Assert.Throws<NotSupportedException>(() =>
            NetworkPricer.PriceByOperators(network, 4, () => network.call(ones(4, 6)).matmul(ones(6, 2)).sum())
        );
        Assert.StartsWith("What runs outside the network multiplies 48 times in the forward pass", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recurrent_layers_are_counted_product_by_product()
    {
        using var network = LSTM(5, 6, numLayers: 2, bidirectional: true);
        var cost = NetworkPricer.PriceByOperators(network, 3, () => network.call(ones(7, 3, 5)).Item1.sum());
        Assert.NotEqual(Macs.Zero, cost.GradInput);
    }

    [Fact]
    public void Groups_strides_and_transposed_convolutions_agree()
    {
        using var network = Sequential(
            Conv2d(4, 8, (3, 2), stride: (2, 1), padding: (1, 0), dilation: (1, 2), groups: 2),
            ConvTranspose2d(8, 6, (3, 3), stride: (2, 2), groups: 2),
            Conv2d(6, 6, (3, 3), groups: 6, bias: false),
            Flatten(2),
            Conv1d(6, 2, 3)
        );
        Assert.NotEqual(Macs.Zero, NetworkPricer.PriceByOperators(network, 2, () => network.call(ones(2, 4, 9, 9)).sum()).GradWeight);
    }

    [Fact]
    public void Frozen_weights_have_no_gradients_to_agree_on()
    {
        using var network = Sequential(Linear(6, 6), Linear(6, 6), Linear(6, 6));
        foreach (var parameter in network.parameters().Take(3))
            parameter.requires_grad = false;
        var cost = NetworkPricer.PriceByOperators(network, 4, () => network.call(ones(4, 6)).sum());
        Assert.Equal((Macs.Product(144), Macs.Product(144)), (cost.GradInput, cost.GradWeight));
    }

    [Fact]
    public void Attention_of_TorchSharp_agrees()
    {
        using var network = MultiheadAttention(8, 2);
        using var x = ones(5, 3, 8, requires_grad: true);
        Assert.NotEqual(
            Macs.Zero,
            NetworkPricer.PriceByOperators(network, 3, () => network.call(x, x, x, null, false, null).Item1.sum()).GradInput
        );
    }

    private static NetworkCost Count(Module<Tensor, Tensor> layer, Tensor input)
    {
        using var network = Sequential((layer is OwnAttention ? "attention" : "layer", layer));
        return NetworkPricer.PriceByOperators(network, (int)input.shape[0], () => network.call(input).sum());
    }

    private static string Refusal(Module<Tensor, Tensor> layer, Tensor input) =>
        Assert.Throws<NotSupportedException>(() => Count(layer, input)).Message;

    private class Attention : Module<Tensor, Tensor>
    {
        private readonly Linear qkv = Linear(8, 24);

        protected Attention(string name)
            : base(name) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var parts = qkv.call(input).chunk(3, 2);
            return parts[0].matmul(parts[1].transpose(1, 2)).softmax(-1).matmul(parts[2]);
        }
    }

    private sealed class OwnAttention() : Attention(nameof(OwnAttention));

    private sealed class StatedAttention(long moreForward = 0, long moreBackward = 0) : Attention(nameof(StatedAttention)), IPricedModule
    {
        public LayerCost Price(string name, LayerRun run)
        {
            var products = Macs.Product(2, run.Input[0], run.Input[1], run.Input[1], run.Input[2]);
            return new LayerCost(name, "attention", products + Macs.Product(moreForward), products + Macs.Product(moreBackward), products);
        }
    }

    private sealed class Own : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> child;
        private readonly Func<Tensor, Tensor>? function;

        public Own(string name, Func<Tensor, Tensor>? function, Module<Tensor, Tensor> child)
            : base(name)
        {
            (this.function, this.child) = (function, child);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => function is null ? child.forward(input) : function(child.call(input));
    }

    private sealed class OwnConvolution : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> child = ReLU();
        private readonly Parameter kernels = Parameter(ones(8, 3, 3, 3));

        public OwnConvolution()
            : base(nameof(OwnConvolution)) => RegisterComponents();

        public override Tensor forward(Tensor input) => child.call(functional.conv2d(input, kernels));
    }

    private sealed class Twice : Module<Tensor, Tensor>
    {
        private readonly Linear shared = Linear(5, 5);

        public Twice()
            : base(nameof(Twice)) => RegisterComponents();

        public override Tensor forward(Tensor input) => shared.call(shared.call(input));
    }

    private sealed class LayerScale : Module<Tensor, Tensor>
    {
        private readonly Parameter gamma = Parameter(ones(6));

        public LayerScale()
            : base(nameof(LayerScale)) => RegisterComponents();

        public override Tensor forward(Tensor input) => gamma * input;
    }

    private sealed class Leaf() : Module<Tensor, Tensor>(nameof(Leaf)), IUnpricedModule
    {
        public override Tensor forward(Tensor input) => input.t().matmul(input);
    }
}
