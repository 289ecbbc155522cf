using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Augmentations;

public sealed class MixingTests
{
    private static readonly MixingRule Both = new()
    {
        Mixup = 0.8,
        Cutmix = 1,
        Probability = 1,
    };

    [Fact]
    public void Mixup_averages_every_example_with_the_one_at_the_mirrored_place()
    {
        using var examples = Flat(10, 20, 50);
        Assert.Equal(0.75, Mixing.Average(examples, 0.75));
        // 10·0.75 + 50·0.25, 20 with itself, 50·0.75 + 10·0.25.
        Assert.Equal([20, 20, 40], Corners(examples));
    }

    [Fact]
    public void CutMix_pastes_a_rectangle_of_the_mirrored_example_and_counts_its_pixels()
    {
        using var examples = Flat(1, 2, 3);
        var share = Mixing.Paste(examples, 0.75, Seeds.Generator(3, "paste"));
        using var pasted = examples[0, 0].eq(3);
        // A quarter of the area is 4 of 8 pixels a side, less what lies outside.
        var (rows, columns) = (pasted.any(1).sum().ToInt64(), pasted.any(0).sum().ToInt64());
        Assert.InRange(rows, 1, 4);
        Assert.InRange(columns, 1, 4);
        Assert.Equal(rows * columns, pasted.sum().ToInt64());
        Assert.Equal(1 - (rows * columns / 64.0), share, 12);
        Assert.True(examples[2].eq(1).to_type(ScalarType.Int64).allclose(pasted.to_type(ScalarType.Int64).expand(3, 8, 8)));
        Assert.True(examples[1].eq(2).all().ToBoolean());
    }

    [Fact]
    public void The_share_of_CutMix_falls_over_all_rectangles_from_nothing_to_almost_all()
    {
        using var examples = zeros(2, 3, 64, 64);
        var shares = Enumerable
            .Range(0, 400)
            .Select(index => Mixing.Apply(Both with { Mixup = 0 }, examples, Seeds.Generator(index, "share")))
            .ToList();
        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        // A side of √u around a uniform point keeps √u (1 − √u / 4) of itself: a mean area of 1/2 − 1/5 + 1/48 for uniform u.
        Assert.InRange(shares.Average(), 0.679 - 0.05, 0.679 + 0.05);
        Assert.Contains(shares, share => share < 0.2);
    }

    [Fact]
    public void With_both_ways_on_each_is_taken_half_of_the_time()
    {
        // Averaging makes new values; pasting does not.
        var averaged = Enumerable
            .Range(0, 400)
            .Count(index =>
            {
                using var examples = Flat(0, 1);
                Mixing.Apply(Both, examples, Seeds.Generator(index, "way"));
                return examples[0, 0, 0, 0].ToDouble() is > 0 and < 1;
            });
        Assert.InRange(averaged, 160, 240);
    }

    [Fact]
    public void A_batch_is_mixed_as_often_as_the_probability_says_and_otherwise_left_alone()
    {
        var mixed = Enumerable
            .Range(0, 400)
            .Count(index =>
            {
                using var examples = Flat(0, 1);
                var share = Mixing.Apply(Both with { Cutmix = 0, Probability = 0.25 }, examples, Seeds.Generator(index, "whether"));
                Assert.Equal(1 - share, examples[0, 0, 0, 0].ToDouble(), 4);
                return share < 1;
            });
        Assert.InRange(mixed, 70, 130);
    }

    [Fact]
    public void A_seed_decides_the_mixture()
    {
        double Mixed(int seed)
        {
            using var generator = new Generator(1);
            using var examples = rand(4, 3, 8, 8, generator: generator);
            Mixing.Apply(Both, examples, Seeds.Generator(seed, "mixing"));
            return (examples * arange(4 * 3 * 64).view(4, 3, 8, 8)).sum().ToDouble();
        }

        Assert.Equal(Mixed(1), Mixed(1));
        Assert.NotEqual(Mixed(1), Mixed(2));
    }

    /// <summary>Examples of 8 by 8 pixels of one value each.</summary>
    private static Tensor Flat(params float[] values) => tensor(values).view(-1, 1, 1, 1).expand(values.Length, 3, 8, 8).contiguous();

    private static float[] Corners(Tensor examples) =>
        [.. Enumerable.Range(0, (int)examples.shape[0]).Select(index => examples[index, 0, 0, 0].ToSingle())];
}
