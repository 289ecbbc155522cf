using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

public class NetworkPricerTests
{
    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_batch_costs_its_images_and_what_the_forward_of_that_batch_says(string name)
    {
        var architecture = ArchitectureCatalog.ByName(name);
        var size = Math.Max(32, architecture.MinimumImageSize);
        using var network = architecture.Build(new(10, size));
        using var images = zeros(3, 3, size, size);
        var one = ImagePricer.Price(network, size, batch: 1);

        var cost = ImagePricer.Price(network, size, batch: 3);

        Assert.Equal(3, cost.Examples);
        Assert.Equal(one.Training * 3, cost.Training);
        Assert.Equal(NetworkPricer.Price(network, images).Layers, cost.Layers);
    }

    [Fact]
    public void A_batch_in_the_thousands_is_priced_as_fast_as_a_small_one()
    {
        var one = ImagePricer.Price(Architecture.ResNet18, new(10, 32), batch: 1);

        Assert.Equal(one.Training * 100_000, ImagePricer.Price(Architecture.ResNet18, new(10, 32), batch: 100_000).Training);
    }

    [Fact]
    public void Layers_come_in_the_order_they_ran_under_their_checkpoint_names()
    {
        var cost = ImagePricer.Price(Architecture.ResNet18, new(10, 64), batch: 1);

        Assert.Equal(["conv1", "layer1.0.conv1", "layer1.0.conv2"], cost.Layers.Take(3).Select(layer => layer.Name));
        Assert.Equal(("fc", "linear", Macs.Product(512, 10)), (cost.Layers[^1].Name, cost.Layers[^1].Kind, cost.Layers[^1].Forward));
        Assert.Equal(21, cost.Layers.Count);
    }

    [Fact]
    public void A_linear_layer_counts_every_leading_dimension()
    {
        using var linear = nn.Linear(5, 7);
        using var input = zeros(2, 3, 4, 5);

        var layer = Assert.Single(NetworkPricer.Price(linear, input).Layers);

        Assert.Equal(
            (Macs.Product(2 * 3 * 4 * 5 * 7), Macs.Zero, Macs.Product(2 * 3 * 4 * 5 * 7)),
            (layer.Forward, layer.GradInput, layer.GradWeight)
        );
    }

    [Fact]
    public void An_input_that_requires_a_gradient_costs_the_first_layers_grad_input()
    {
        using var linear = nn.Linear(5, 7);
        using var input = zeros(1, 5, requires_grad: true);

        Assert.Equal(Macs.Product(35), NetworkPricer.Price(linear, input).GradInput);
    }

    [Fact]
    public void A_frozen_layer_costs_no_grad_weight_and_the_layers_behind_no_grad_input()
    {
        using var frozen = nn.Linear(5, 7);
        using var network = nn.Sequential(frozen, nn.ReLU(), nn.Linear(7, 3));
        using var input = zeros(1, 5);
        foreach (var parameter in frozen.parameters())
            parameter.requires_grad = false;

        var cost = NetworkPricer.Price(network, input);

        Assert.Equal((Macs.Product(35 + 21), Macs.Zero, Macs.Product(21)), (cost.Forward, cost.GradInput, cost.GradWeight));
    }

    [Fact]
    public void A_frozen_layer_in_the_middle_still_hands_its_gradient_on()
    {
        using var frozen = nn.Linear(7, 3);
        using var network = nn.Sequential(nn.Linear(5, 7), frozen);
        using var input = zeros(1, 5);
        foreach (var parameter in frozen.parameters())
            parameter.requires_grad = false;

        var cost = NetworkPricer.Price(network, input);

        Assert.Equal((Macs.Product(21), Macs.Product(35)), (cost.GradInput, cost.GradWeight));
    }

    [Fact]
    public void A_price_is_the_same_where_gradients_are_switched_off()
    {
        using var network = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 3));
        using var input = zeros(1, 5);
        var expected = NetworkPricer.Price(network, input).Training;

        using var withoutGradients = no_grad();

        Assert.Equal(expected, NetworkPricer.Price(network, input).Training);
    }

    [Fact]
    public void A_leaf_without_a_formula_is_an_error_that_names_it()
    {
        using var network = nn.Sequential(nn.Linear(5, 7), new Unknown());

        var exception = Assert.Throws<NotSupportedException>(() => NetworkPricer.Price(network, zeros(1, 5)));

        Assert.Equal(
            "No multiply-add formula for Unknown ('1'). Write it as a module of your own that implements IPricedModule, "
                + "or build it from layers that have a formula.",
            exception.Message
        );
    }

    [Fact]
    public void A_layer_that_hooks_cannot_see_is_an_error_that_names_it()
    {
        using var network = new WithoutHooks();

        var exception = Assert.Throws<InvalidOperationException>(() => NetworkPricer.Price(network, zeros(1, 5)));

        Assert.Contains("head", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("body", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_may_state_its_own_price()
    {
        using var network = nn.Sequential(nn.Linear(5, 7), new Gram());

        var layer = NetworkPricer.Price(network, zeros(4, 5)).Layers[1];

        Assert.Equal(
            new LayerCost("1", "attention", Macs.Product(4 * 4 * 7), Macs.Product(2 * 4 * 4 * 7), Macs.Zero) { Output = "4" },
            layer
        );
    }

    [Fact]
    public void Pricing_leaves_statistics_generator_mode_and_hooks_as_they_were()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5));
        using var images = ones(2, 3, 8, 8);
        manual_seed(3);
        var next = rand(4);
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());

        manual_seed(3);
        var first = NetworkPricer.Price(network, images);
        var again = NetworkPricer.Price(network, images);

        Assert.All(network.state_dict(), entry => Assert.True(entry.Value.allclose(before[entry.Key], rtol: 0, atol: 0), entry.Key));
        Assert.True(rand(4).allclose(next, rtol: 0, atol: 0));
        Assert.True(network.training);
        Assert.Equal(first.Layers, again.Layers);
    }

    [Fact]
    public void Pricing_an_architecture_moves_no_generator_on()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var next = rand(4);
        manual_seed(3);

        ImagePricer.Price(Architecture.ShuffleNetV2X10, new(10, 32), batch: 8);

        Assert.True(rand(4).allclose(next, rtol: 0, atol: 0));
    }

    [Fact]
    public void An_image_that_is_too_small_is_refused() =>
        Assert.Throws<ConfigurationException>(() => ImagePricer.Price(Architecture.AlexNet, new(10, 62), batch: 1));

    private sealed class WithoutHooks : nn.Module<Tensor, Tensor>
    {
        private readonly Linear body = nn.Linear(5, 5);
        private readonly Linear head = nn.Linear(5, 3);

        public WithoutHooks()
            : base(nameof(WithoutHooks)) => RegisterComponents();

        public override Tensor forward(Tensor input) => head.forward(body.call(input));
    }

    private sealed class Unknown() : nn.Module<Tensor, Tensor>(nameof(Unknown))
    {
        public override Tensor forward(Tensor input) => input.mm(input.t());
    }

    private sealed class Gram() : nn.Module<Tensor, Tensor>(nameof(Gram)), IPricedModule
    {
        public override Tensor forward(Tensor input) => input.mm(input.t());

        public LayerCost Price(string name, LayerRun run)
        {
            var macs = Macs.Product([.. run.Output, run.Input[1]]);
            return new(name, "attention", macs, run.NeedsGradInput ? macs * 2 : Macs.Zero, Macs.Zero);
        }
    }
}
