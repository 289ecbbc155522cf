using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Augmentations;

public sealed class RandomErasingTests
{
    private const int Side = 32;

    private static readonly RandomErasingRule Rule = new()
    {
        Probability = 1,
        Area = [0.02, 0.3333],
        Ratio = [0.3, 3.3333],
        Fill = ErasingFill.Zero,
    };

    [Fact]
    public void A_rectangle_shows_zero_and_the_rest_stays()
    {
        using var examples = Examples(2);
        RandomErasing.Apply(Rule, examples, Seeds.Generator(1, "erasing"));
        Assert.All(Enumerable.Range(0, 2), example =>
        {
            using var erased = examples[example].eq(0);
            var (rows, columns) = (erased[0].any(1).sum().ToInt64(), erased[0].any(0).sum().ToInt64());
            Assert.InRange(rows * columns, 0.01 * Side * Side, 0.36 * Side * Side);
            Assert.Equal(3 * rows * columns, erased.sum().ToInt64());
            // What is not erased is as it was: 7.
            Assert.Equal(7 * 3 * ((Side * Side) - (rows * columns)), examples[example].sum().ToInt64());
        });
        Assert.False(examples[0].allclose(examples[1]));
    }

    [Fact]
    public void Rectangles_keep_to_their_ranges_and_fill_them()
    {
        var random = Seeds.Generator(1, "boxes");
        var boxes = Enumerable.Range(0, 2000).Select(_ => RandomErasing.Draw(Rule, 100, 100, random)).OfType<RandomErasing.Box>().ToList();
        Assert.InRange(boxes.Count, 1950, 2000);
        Assert.All(boxes, box => Assert.InRange((double)box.Rows * box.Columns / 10_000, 0.018, 0.345));
        Assert.All(boxes, box => Assert.InRange((double)box.Rows / box.Columns, 0.27, 3.7));
        Assert.All(boxes, box => Assert.InRange(box.Top + box.Rows, box.Rows, 100));
        Assert.All(boxes, box => Assert.InRange(box.Left + box.Columns, box.Columns, 100));
        Assert.Contains(boxes, box => box.Top + box.Rows == 100);
        Assert.InRange(boxes.Average(box => box.Rows * box.Columns / 10_000.0), 0.15, 0.2);
    }

    [Fact]
    public void Noise_is_normal_and_differs_between_examples()
    {
        using var examples = Examples(8);
        RandomErasing.Apply(
            Rule with
            {
                Area = [0.8, 0.8],
                Ratio = [1, 1],
                Fill = ErasingFill.Noise,
            },
            examples,
            Seeds.Generator(1, "erasing")
        );
        using var noise = examples.masked_select(examples.ne(7));
        // 29 × 29 pixels of three channels in each of eight.
        Assert.Equal(8 * 3 * 29 * 29, noise.numel());
        Assert.InRange(noise.mean().ToDouble(), -0.05, 0.05);
        Assert.InRange(noise.std().ToDouble(), 0.95, 1.05);
        Assert.NotEqual(examples[0, 0, 16, 16].ToDouble(), examples[1, 0, 16, 16].ToDouble());
        Assert.NotEqual(examples[0, 0, 16, 16].ToDouble(), examples[0, 1, 16, 16].ToDouble());
    }

    [Fact]
    public void As_many_examples_are_erased_as_the_probability_says()
    {
        using var examples = Examples(400);
        RandomErasing.Apply(Rule with { Probability = 0.25 }, examples, Seeds.Generator(1, "erasing"));
        Assert.InRange(examples.eq(0).flatten(1).any(1).sum().ToInt64(), 70, 130);
    }

    [Theory]
    [InlineData(ErasingFill.Zero)]
    [InlineData(ErasingFill.Noise)]
    public void A_seed_decides_what_is_erased(ErasingFill fill)
    {
        Tensor Erased(int seed)
        {
            var examples = Examples(3);
            RandomErasing.Apply(Rule with { Fill = fill }, examples, Seeds.Generator(seed, "erasing"));
            return examples;
        }

        using Tensor first = Erased(1),
            again = Erased(1),
            other = Erased(2);
        Assert.True(first.allclose(again, rtol: 0, atol: 0));
        Assert.False(first.allclose(other));
    }

    private static Tensor Examples(int count) => full(count, 3, Side, Side, 7f);
}
