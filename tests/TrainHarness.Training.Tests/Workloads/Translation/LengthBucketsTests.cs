using TrainHarness.Training.Workloads.Translation;
using TrainHarness.Training.Workloads.Translation.Data;
using TrainHarness.Training.Workloads.Translation.Packs;

namespace TrainHarness.Training.Tests.Workloads.Translation;

public sealed class LengthBucketsTests
{
    private static readonly IReadOnlyList<TokenPair> Pairs = PairPack
        .Of(new GeneratedPairs(1, 1000, 1, 0).Read(null), merges: 200, longest: 60)
        .Train;

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(700)]
    [InlineData(5000)]
    public void An_epoch_has_every_pair_once_and_the_next_has_them_in_other_batches(int batchSize)
    {
        var buckets = new LengthBuckets(Pairs, batchSize, seed: 1);
        var (first, second) = (Epoch(buckets, 0), Epoch(buckets, 1));
        Assert.All([first, second], epoch => Assert.Equal(Enumerable.Range(0, Pairs.Count), epoch.SelectMany(batch => batch).Order()));
        Assert.NotEqual(first.SelectMany(batch => batch), second.SelectMany(batch => batch));
    }

    [Fact]
    public void Batches_follow_from_seed_and_step_alone_whoever_asks_in_which_order()
    {
        var (one, other) = (new LengthBuckets(Pairs, 16, seed: 7), new LengthBuckets(Pairs, 16, seed: 7));
        foreach (var step in (long[])[200, 3, 70, 0, 199, 131, 3])
            Assert.Equal(one.PairsAt(step), Epoch(other, step / other.StepsPerEpoch)[(int)(step % other.StepsPerEpoch)]);
        Assert.NotEqual(one.PairsAt(0), new LengthBuckets(Pairs, 16, seed: 8).PairsAt(0));
    }

    [Fact]
    public void Every_batch_has_a_shape_that_was_announced_and_that_its_pairs_fit_into()
    {
        var buckets = new LengthBuckets(Pairs, 48, seed: 1);
        var announced = buckets.Shapes;
        Assert.Equal(announced.Count, announced.Distinct().Count());
        Assert.Equal(48, announced[0].Examples);
        for (var step = 0L; step < 2 * buckets.StepsPerEpoch; step++)
        {
            var (shape, batch) = (buckets.ShapeAt(step), buckets.PairsAt(step));
            Assert.Contains(shape, announced);
            Assert.Equal(shape.Examples, batch.Length);
            Assert.All(batch, place =>
                Assert.True(Pairs[place].SourceLength <= shape.Lengths[0] && Pairs[place].TargetLength <= shape.Lengths[1])
            );
        }
    }

    // By hand: 150 pairs of length 3 and 2 (with their ends), then 106 of 5 and 4; buckets of 128. The first bucket is all short; the
    // second has 22 short ones, each with 4 positions of padding, of 128 × 9.
    [Fact]
    public void The_share_of_padding_is_counted_over_all_positions()
    {
        List<TokenPair> pairs =
        [
            .. Enumerable.Repeat(new TokenPair([4, 5], [4]), 150),
            .. Enumerable.Repeat(new TokenPair([4, 5, 6, 7], [4, 5, 6]), 106),
        ];
        Assert.Equal(22 * 4 / ((128 * 5) + (128 * 9.0)), LengthBuckets.PaddingShare(pairs, 64), 12);
    }

    [Fact]
    public void Buckets_cost_little_padding_where_random_batches_double_everything()
    {
        Assert.InRange(LengthBuckets.PaddingShare(Pairs, 64), 0, 0.2);
        // One bucket of all is what random batches come to.
        Assert.InRange(LengthBuckets.PaddingShare(Pairs, 1000), 0.4, 0.8);
    }

    [Fact]
    public void A_large_dataset_has_no_more_shapes_than_can_be_priced()
    {
        List<TokenPair> pairs =
        [
            .. Enumerable.Range(0, 40_000).Select(place => new TokenPair(new ushort[place % 50], new ushort[place % 47])),
        ];
        Assert.InRange(new LengthBuckets(pairs, 64, seed: 1).Shapes.Count, 64, 129);
    }

    private static List<int[]> Epoch(LengthBuckets buckets, long epoch) =>
        [.. Enumerable.Range(0, buckets.StepsPerEpoch).Select(step => buckets.PairsAt((epoch * buckets.StepsPerEpoch) + step))];
}
