using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Augmentations;

/// <summary>Each operation on pixels whose result was worked out by Pillow's formulas.</summary>
public sealed class RandAugmentTests
{
    private static readonly RandAugmentRule Strongest = new() { Operations = 2, Magnitude = 30 };

    [Fact]
    public void Brightness_is_a_blend_with_black()
    {
        // 105 · 1.9 = 199.5, 37 · 1.9 = 70.3; 10.5, 20.3, 3.7: cut off, not rounded.
        Assert.Equal([199, 255, 70], Grey(AugmentOperation.Brightness, strong: true, 105, 203, 37));
        Assert.Equal([10, 20, 3], Grey(AugmentOperation.Brightness, strong: false, 105, 203, 37));
    }

    [Fact]
    public void Color_is_a_blend_with_the_grey_of_the_same_brightness()
    {
        // Grey of (200, 100, 50): (200·19595 + 100·38470 + 50·7471 + 32768) / 65536 = 124.7, so 124.
        using var pixel = tensor([200f, 100f, 50f], [1, 3, 1, 1]);
        Assert.Equal([255, 78, 0], Values(pixel, One(AugmentOperation.Color)));
        Assert.Equal([131, 121, 116], Values(pixel, One(AugmentOperation.Color, negative: true)));
    }

    [Fact]
    public void Contrast_is_a_blend_with_the_mean_grey_of_the_whole_image()
    {
        // Mean 40.5, rounded to 41: 41 + 1.9 · (22 − 41) = 4.9, 25.8, 147.4; 41 + 0.1 · (10 − 41) = 37.9, 39.1, 40.2, 46.6.
        Assert.Equal([0, 4, 25, 147], Grey(AugmentOperation.Contrast, strong: true, 10, 22, 33, 97));
        Assert.Equal([37, 39, 40, 46], Grey(AugmentOperation.Contrast, strong: false, 10, 22, 33, 97));
    }

    [Fact]
    public void Sharpness_is_a_blend_with_the_smoothed_image_whose_border_is_not_smoothed()
    {
        // (8 · 40 + 5 · 100) / 13 = 63.08, so 63; 63 + 1.9 · 37 = 133.3; 63 + 0.1 · 37 = 66.7.
        Assert.Equal(
            [40, 40, 40, 40, 133, 40, 40, 40, 40],
            Grey(AugmentOperation.Sharpness, strong: true, 40, 40, 40, 40, 100, 40, 40, 40, 40)
        );
        Assert.Equal(
            [40, 40, 40, 40, 66, 40, 40, 40, 40],
            Grey(AugmentOperation.Sharpness, strong: false, 40, 40, 40, 40, 100, 40, 40, 40, 40)
        );
        // A centre of ten beside a corner of ten: (10 + 5 · 10) / 13 = 4.6 rounds to 5, and 5 + 1.9 · 5 = 14.5.
        Assert.Equal(14, Grey(AugmentOperation.Sharpness, strong: true, 10, 0, 0, 0, 10, 0, 0, 0, 0)[4]);
    }

    [Theory]
    [InlineData(30, new[] { 112f, 192, 240 })]
    [InlineData(9, new[] { 126f, 200, 254 })]
    [InlineData(3, new[] { 127f, 200, 255 })]
    public void Posterize_clears_up_to_four_bits(double magnitude, float[] expected) =>
        Assert.Equal(expected, Values(Image(127, 200, 255), new(AugmentOperation.Posterize, magnitude / 30, false))[..3]);

    [Theory]
    [InlineData(30, new[] { 255f, 77, 76, 0 })]
    [InlineData(9, new[] { 0f, 178, 76, 0 })]
    [InlineData(0, new[] { 0f, 178, 179, 0 })]
    public void Solarize_inverts_from_a_threshold_on(double magnitude, float[] expected) =>
        // 255 · (1 − 9/30) = 178.5.
        Assert.Equal(expected, Values(Image(0, 178, 179, 255), new(AugmentOperation.Solarize, magnitude / 30, false))[..4]);

    [Fact]
    public void AutoContrast_stretches_each_channel_by_itself()
    {
        using var image = tensor(
            [
                50f,
                100,
                150, /**/
                9,
                9,
                9, /**/
                0,
                77,
                255,
            ],
            [1, 3, 1, 3]
        );
        // (100 − 50) · 255 / 100 = 127.5; one value alone stays; the whole range stays.
        Assert.Equal([0, 127, 255, 9, 9, 9, 0, 77, 255], Values(image, One(AugmentOperation.AutoContrast)));
    }

    [Fact]
    public void Equalize_gives_each_value_its_place_in_the_order()
    {
        // 512 pixels of 10, 256 of 20, 256 of 200: steps of (1024 − 256) / 255 = 3; (1 + 0) / 3, (1 + 512) / 3, (1 + 768) / 3.
        using var channel = cat([full(512, 10f), full(256, 20f), full(256, 200f)]).view(1, 1, 32, 32);
        // One value alone stays, and so do fewer than 255 pixels beside the largest.
        using var few = cat([full(200, 1f), full(824, 3f)]).view(1, 1, 32, 32);
        using var image = cat([channel, full(1, 1, 32, 32, 42f), few], 1);
        var values = Values(image, One(AugmentOperation.Equalize));
        Assert.Equal([0, 171, 255, 42, 1, 3], [values[0], values[600], values[1000], values[1024], values[2048], values[2248]]);
        Assert.Equal([0, 42, 171, 255, 1, 3], values.Distinct().OrderBy(value => value is 1 or 3 ? value + 1000 : value));
    }

    [Fact]
    public void Shears_move_a_row_or_a_column_by_up_to_three_tenths_of_its_distance_from_the_corner()
    {
        // Row 5 of 10: 5.5 · 0.3 = 1.65, so pixel x shows ⌊x + 0.5 + 1.65⌋ = x + 2; the other way ⌊x + 0.5 − 1.65⌋ = x − 2.
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9, 0, 0], Row(AugmentOperation.ShearX, negative: false));
        Assert.Equal([0, 0, 0, 1, 2, 3, 4, 5, 6, 7], Row(AugmentOperation.ShearX, negative: true));
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9, 0, 0], Column(AugmentOperation.ShearY, negative: false));
        Assert.Equal([0, 0, 0, 1, 2, 3, 4, 5, 6, 7], Column(AugmentOperation.ShearY, negative: true));
    }

    [Fact]
    public void Translations_move_by_up_to_150_of_331_of_the_side()
    {
        // 150 / 331 · 10 = 4.5: four whole pixels.
        Assert.Equal([0, 0, 0, 0, 0, 1, 2, 3, 4, 5], Row(AugmentOperation.TranslateX, negative: false));
        Assert.Equal([4, 5, 6, 7, 8, 9, 0, 0, 0, 0], Row(AugmentOperation.TranslateX, negative: true));
        Assert.Equal([0, 0, 0, 0, 0, 1, 2, 3, 4, 5], Column(AugmentOperation.TranslateY, negative: false));
        Assert.Equal([4, 5, 6, 7, 8, 9, 0, 0, 0, 0], Column(AugmentOperation.TranslateY, negative: true));
    }

    [Fact]
    public void Rotation_turns_by_up_to_30_degrees_to_the_left_and_shows_black_outside()
    {
        // Pixels numbered row by row from 1, five by five. Two to the right of the centre comes from (2 cos 30°, 2 sin 30°) = (1.7, 1): one
        // row lower. Two above comes from (1, −1.7): one column to the right. The corner above right comes from (2.7, −0.7): outside.
        using var image = arange(1, 26, dtype: ScalarType.Float32).view(1, 1, 5, 5).expand(1, 3, 5, 5);
        var left = Values(image, One(AugmentOperation.Rotate));
        Assert.Equal([20, 4, 13, 0], [left[14], left[2], left[12], left[4]]);
        var right = Values(image, One(AugmentOperation.Rotate, negative: true));
        Assert.Equal([10, 2, 13, 0], [right[14], right[2], right[12], right[0]]);
    }

    [Fact]
    public void Magnitude_nine_of_thirty_is_torchvisions()
    {
        var drawn = One(AugmentOperation.Identity) with { Strength = 9 / 30.0 };
        Assert.Equal(0.09, drawn.Shear, 12);
        Assert.Equal(9, drawn.Angle * 180 / Math.PI, 12);
        Assert.Equal(1.27, drawn.Factor, 12);
        Assert.Equal(178.5, drawn.Threshold, 12);
        // 8 − round(9 / 7.5) bits stay; 150 / 331 · 224 · 0.3 = 30.5.
        Assert.Equal((1, 30), (drawn.LostBits, drawn.Shift(224)));
    }

    [Fact]
    public void Examples_of_one_batch_get_each_its_own_operation()
    {
        using var images = full(3, 3, 4, 4, 100f);
        RandAugment.ApplyEach(images, [One(AugmentOperation.Brightness), One(AugmentOperation.Identity), One(AugmentOperation.Solarize)]);
        Assert.Equal([190, 100, 155], [.. Enumerable.Range(0, 3).Select(example => images[example].mean().ToDouble())]);
    }

    [Fact]
    public void Operations_of_one_kind_in_a_batch_keep_each_its_strength()
    {
        using var images = full(2, 3, 4, 4, 101f);
        RandAugment.ApplyEach(images, [One(AugmentOperation.Brightness), One(AugmentOperation.Brightness, negative: true)]);
        Assert.Equal([191, 10], [.. Enumerable.Range(0, 2).Select(example => images[example].mean().ToDouble())]);
    }

    [Fact]
    public void A_seed_decides_and_examples_that_are_alike_come_out_different_in_whole_values()
    {
        using var images = randint(0, 256, [1, 3, 16, 16], dtype: ScalarType.Float32).expand(8, 3, 16, 16);
        using Tensor first = Apply(1),
            again = Apply(1),
            other = Apply(2);
        Assert.True(first.allclose(again, rtol: 0, atol: 0));
        Assert.False(first.allclose(other));
        Assert.InRange(Enumerable.Range(1, 7).Count(example => !first[example].allclose(first[0])), 5, 7);
        Assert.True(first.allclose(first.round().clamp(0, 255), rtol: 0, atol: 0));

        Tensor Apply(int seed) => RandAugment.Apply(Strongest, images, Seeds.Generator(seed, "augmentation"));
    }

    [Fact]
    public void All_fourteen_operations_come_up_with_both_signs()
    {
        // Every grey once, in no order that an operation could keep.
        var random = Seeds.Generator(1, "operations");
        using var images = arange(0, 256).mul(77).remainder(256).to_type(ScalarType.Float32).view(1, 1, 16, 16).expand(1000, 3, 16, 16);
        using var varied = RandAugment.Apply(Strongest with { Operations = 1 }, images, random);
        // Unchanged: Identity and Color on grey, AutoContrast on the full range and Equalize, flat already: 4 of 14.
        var unchanged = varied.eq(images).flatten(1).all(1).sum().ToInt64();
        Assert.InRange(unchanged, 230, 345);
        // Ten others, eight of them with two signs: 8 · 2 + 2 different results, and one more for what is unchanged.
        Assert.Equal(19, varied.flatten(1).mul(arange(768)).sum(1).data<float>().ToArray().Distinct().Count());
    }

    [Fact]
    public void The_deviation_spreads_the_magnitude()
    {
        using var images = full(400, 3, 4, 4, 100f);
        using var varied = RandAugment.Apply(
            new()
            {
                Operations = 1,
                Magnitude = 15,
                MagnitudeDeviation = 3,
            },
            images,
            Seeds.Generator(1, "deviation")
        );
        // A fixed magnitude gives a handful of values only.
        Assert.True(varied.mean([1, 2, 3]).data<float>().ToArray().Distinct().Count() > 20);
    }

    private static DrawnOperation One(AugmentOperation operation, bool negative = false) => new(operation, 1, negative);

    /// <summary>All values of an image after an operation, channel by channel.</summary>
    private static float[] Values(Tensor image, DrawnOperation drawn)
    {
        using var varied = image.clone();
        RandAugment.ApplyEach(varied, [drawn]);
        return [.. varied.data<float>()];
    }

    /// <summary>A grey square, or a row where the values are none, after an operation at factor 1.9 or 0.1: its first channel.</summary>
    private static float[] Grey(AugmentOperation operation, bool strong, params float[] values) =>
        Values(Image(values), One(operation, negative: !strong))[..values.Length];

    private static Tensor Image(params float[] values)
    {
        var side = (int)Math.Sqrt(values.Length);
        long[] shape = side * side == values.Length ? [1, 1, side, side] : [1, 1, 1, values.Length];
        return tensor(values).view(shape).expand(1, 3, -1, -1);
    }

    /// <summary>Row 5 of ten by ten pixels numbered from 0 along it.</summary>
    private static float[] Row(AugmentOperation operation, bool negative)
    {
        using var image = arange(10, dtype: ScalarType.Float32).expand(1, 3, 10, 10);
        return Values(image, One(operation, negative))[50..60];
    }

    private static float[] Column(AugmentOperation operation, bool negative)
    {
        using var image = arange(10, dtype: ScalarType.Float32).view(10, 1).expand(1, 3, 10, 10);
        return [.. Values(image, One(operation, negative))[..100].Chunk(10).Select(row => row[5])];
    }
}
