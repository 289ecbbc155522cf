using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

/// <summary>One and three dimensions, and transposed ones; <see cref="ConvolutionTests"/> has two.</summary>
public class ConvolutionFormulasTests
{
    // Eight outputs in 2 × 6 channels of 4 inputs by 3 taps: 2 × 8 × 6 × 4 × 3 = 1152.
    [Fact]
    public void A_convolution_of_one_dimension_sums_over_taps_and_channels()
    {
        using var convolution = nn.Conv1d(4, 6, 3);
        using var input = zeros(2, 4, 10, requires_grad: true);

        var layer = Price(convolution, input);

        Assert.Equal(("3", "6×8"), (layer.Operation, layer.Output));
        Assert.Equal((1152, 1152, 1152), Counts(layer));
    }

    // ConvS2S, one block of width 256: k d 2d = 3 × 256 × 512 a position.
    [Fact]
    public void A_block_of_conv_s2s_costs_k_d_2d_a_position_and_its_gate_nothing()
    {
        using var block = nn.Sequential(nn.Conv1d(256, 512, 3, padding: 1), nn.GLU(1));

        Assert.Equal(Macs.Product(20, 3, 256, 512), NetworkPricer.Price(block, zeros(1, 256, 20)).Forward);
    }

    // 2 × 2 × 2 outputs of 3 channels, 27 taps of 2 channels: 8 × 3 × 27 × 2 = 1296.
    [Fact]
    public void A_convolution_of_three_dimensions_sums_over_a_cube()
    {
        using var convolution = nn.Conv3d(2, 3, 3);

        Assert.Equal((1296, 0, 1296), Counts(Price(convolution, zeros([1, 2, 4, 4, 4]))));
    }

    // Each of 4 × 25 inputs goes by 9 taps to the 3 outputs of its group: 2700, whatever the stride.
    [Fact]
    public void A_transposed_convolution_sends_each_input_through_the_kernel()
    {
        using var convolution = nn.ConvTranspose2d(4, 6, 3, stride: 2, groups: 2);

        var layer = Price(convolution, zeros(1, 4, 5, 5, requires_grad: true));

        Assert.Equal(("3×3, transposed, stride 2, 2 groups", "6×11×11"), (layer.Operation, layer.Output));
        Assert.Equal((2700, 2700, 2700), Counts(layer));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 10)];

    // A transposed convolution is the grad-input of the convolution from its output to its input.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_transposed_convolution_costs_the_grad_input_of_the_convolution(int seed)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var groups = random.Next(1, 4);
        var (inputs, outputs) = (groups * random.Next(1, 4), groups * random.Next(1, 4));
        var (kernel, stride) = (random.Next(1, 4), random.Next(1, 4));
        var dimensions = random.Next(1, 4);
        nn.Module<Tensor, Tensor> Layer(bool isTransposed) =>
            (dimensions, isTransposed) switch
            {
                (1, true) => nn.ConvTranspose1d(inputs, outputs, kernel, stride: stride, groups: groups),
                (2, true) => nn.ConvTranspose2d(inputs, outputs, kernel, stride: stride, groups: groups),
                (_, true) => nn.ConvTranspose3d(inputs, outputs, kernel, stride: stride, groups: groups),
                (1, _) => nn.Conv1d(outputs, inputs, kernel, stride: stride, groups: groups),
                (2, _) => nn.Conv2d(outputs, inputs, kernel, stride: stride, groups: groups),
                _ => nn.Conv3d(outputs, inputs, kernel, stride: stride, groups: groups),
            };
        using var transposed = Layer(isTransposed: true);
        using var convolution = Layer(isTransposed: false);
        var sizes = Enumerable.Range(0, dimensions).Select(_ => (long)random.Next(1, 5));
        var small = zeros([random.Next(1, 4), inputs, .. sizes], requires_grad: true);
        var large = transposed.call(small).detach().requires_grad_();

        Assert.Equal(small.shape, convolution.call(large).shape);
        Assert.Equal(Price(convolution, large).GradInput, Price(transposed, small).Forward);
        Assert.Equal(Counts(Price(convolution, large)), Counts(Price(transposed, small)));
    }

    // x = 1, W = 1, b = 0: every product is 1, so that a sum counts them.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Without_padding_the_price_is_the_sum_of_outputs_and_gradients_of_ones(int seed)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var (groups, kernel, stride, dilation) = (random.Next(1, 4), random.Next(1, 4), random.Next(1, 4), random.Next(1, 3));
        var (inputs, outputs) = (groups * random.Next(1, 4), groups * random.Next(1, 4));
        using Convolution convolution = random.Next(4) switch
        {
            0 => nn.Conv1d(inputs, outputs, kernel, stride: stride, dilation: dilation, groups: groups, dtype: float64),
            1 => nn.Conv3d(inputs, outputs, kernel, stride: stride, dilation: dilation, groups: groups, dtype: float64),
            2 => nn.ConvTranspose1d(inputs, outputs, kernel, stride: stride, dilation: dilation, groups: groups, dtype: float64),
            _ => nn.ConvTranspose2d(inputs, outputs, kernel, stride: stride, dilation: dilation, groups: groups, dtype: float64),
        };
        nn.init.ones_(convolution.weight!);
        nn.init.zeros_(convolution.bias!);
        var input = ones([2, inputs, .. Enumerable.Repeat(6L, convolution.weight!.shape.Length - 2)], dtype: float64, requires_grad: true);

        var layer = Price(convolution, input);
        var sum = convolution.call(input).sum();
        sum.backward();

        Assert.Equal((Whole(sum), Whole(input.grad!.sum()), Whole(convolution.weight.grad!.sum())), Counts(layer));
    }

    private static long Whole(Tensor value) => (long)Math.Round(value.item<double>());

    private static LayerCost Price(nn.Module<Tensor, Tensor> layer, Tensor input) =>
        Assert.Single(NetworkPricer.Price(layer, input).Layers);

    private static (long Forward, long GradInput, long GradWeight) Counts(LayerCost layer) =>
        ((long)layer.Forward.Count, (long)layer.GradInput.Count, (long)layer.GradWeight.Count);
}
