using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

public class ConvolutionTests
{
    /// <summary>A random convolution and an image for it.</summary>
    private sealed record Case(
        int Batch,
        int Height,
        int Width,
        int Groups,
        int InputsPerGroup,
        int OutputsPerGroup,
        int KernelHeight,
        int KernelWidth,
        int Stride,
        int Padding,
        int Dilation
    )
    {
        public int Inputs => Groups * InputsPerGroup;

        public int Outputs => Groups * OutputsPerGroup;

        public static Case Random(Random random, int padding) =>
            new(
                random.Next(1, 4),
                random.Next(7, 12),
                random.Next(7, 12),
                random.Next(1, 4),
                random.Next(1, 4),
                random.Next(1, 4),
                random.Next(1, 4),
                random.Next(1, 4),
                random.Next(1, 4),
                padding,
                random.Next(1, 4)
            );

        /// <summary>Products of a weight and a real pixel, one at a time.</summary>
        public long ProductsInBounds() =>
            (long)Batch * Groups * InputsPerGroup * OutputsPerGroup * Positions(Height, KernelHeight) * Positions(Width, KernelWidth);

        private long Positions(int size, int kernel)
        {
            var count = 0L;
            for (var start = -Padding; start + (Dilation * (kernel - 1)) < size + Padding; start += Stride)
            {
                for (var tap = 0; tap < kernel; tap++)
                    count += start + (tap * Dilation) >= 0 && start + (tap * Dilation) < size ? 1 : 0;
            }

            return count;
        }
    }

    [Fact]
    public void Without_padding_the_price_is_the_sum_of_outputs_and_gradients_of_ones()
    {
        var random = new Random(1);
        for (var round = 0; round < 40; round++)
        {
            var (price, output, inputGradient, weightGradient) = Probe(Case.Random(random, padding: 0));

            Assert.Equal(price, (output, inputGradient, weightGradient));
        }
    }

    [Fact]
    public void With_padding_ones_count_the_products_inside_the_image_and_the_price_all()
    {
        var random = new Random(2);
        for (var round = 0; round < 40; round++)
        {
            var convolution = Case.Random(random, padding: random.Next(1, 4));
            var (price, output, inputGradient, weightGradient) = Probe(convolution);
            var inside = convolution.ProductsInBounds();

            Assert.Equal((inside, inside, inside), (output, inputGradient, weightGradient));
            Assert.True(price.Forward >= inside);
            Assert.Equal((price.Forward, price.Forward), (price.GradInput, price.GradWeight));
        }
    }

    // x = 1, W = 1, b = 0: every product is 1, so that a sum counts them.
    private static ((long Forward, long GradInput, long GradWeight) Price, long Output, long InputGradient, long WeightGradient) Probe(
        Case c
    )
    {
        using var scope = NewDisposeScope();
        using var convolution = nn.Conv2d(
            c.Inputs,
            c.Outputs,
            (c.KernelHeight, c.KernelWidth),
            stride: (c.Stride, c.Stride),
            padding: (c.Padding, c.Padding),
            dilation: (c.Dilation, c.Dilation),
            groups: c.Groups,
            dtype: float64
        );
        nn.init.ones_(convolution.weight!);
        nn.init.zeros_(convolution.bias!);
        var input = ones(c.Batch, c.Inputs, c.Height, c.Width, dtype: float64, requires_grad: true);

        var cost = NetworkPricer.Price(convolution, input);
        var sum = convolution.call(input).sum();
        sum.backward();

        return (
            ((long)cost.Forward.Count, (long)cost.GradInput.Count, (long)cost.GradWeight.Count),
            Whole(sum),
            Whole(input.grad!.sum()),
            Whole(convolution.weight!.grad!.sum())
        );
    }

    private static long Whole(Tensor value) => (long)Math.Round(value.item<double>());
}
