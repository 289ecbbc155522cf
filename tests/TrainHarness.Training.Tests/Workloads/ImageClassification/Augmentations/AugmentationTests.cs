using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Tests.Engine;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Augmentations;

public sealed class AugmentationTests
{
    private static readonly AugmentationRule Whole = new()
    {
        CropScale = [1, 1],
        CropRatio = [1, 1],
        Flip = 0,
    };

    [Fact]
    public void The_whole_example_without_flip_comes_out_as_it_went_in_but_normalised()
    {
        using var pixels = Pixels(8);
        using var expected = (pixels.to_type(ScalarType.Float32) / 255 - 0.5) / 0.25;
        AssertClose(expected, Train(Whole, pixels, 8));
    }

    [Fact]
    public void A_flip_is_the_mirror_image()
    {
        using var pixels = Pixels(8);
        using var mirrored = Train(Whole, pixels, 8).flip(3);
        AssertClose(mirrored, Train(Whole with { Flip = 1 }, pixels, 8));
    }

    [Fact]
    public void A_crop_shows_the_part_it_names()
    {
        // A ramp along x: the value at the centre of column c of n is (c + 0.5) / n.
        const int Side = 64;
        using var pixels = arange(Side).mul(4).to_type(ScalarType.Byte).expand(1, 3, Side, Side).contiguous();
        using var augmentation = Augment(
            new AugmentationRule
            {
                CropScale = [0.25, 0.25],
                CropRatio = [1, 1],
                Flip = 0,
            }
        );
        var crop = augmentation.Draw(Seeds.Generator(1, "crop"));
        Assert.Equal((0.5, 0.5), (crop.Width, crop.Height));
        using var shown = augmentation.ForTraining(pixels, 32, Seeds.Generator(1, "crop"));
        // Half the side at full resolution: each output pixel is one stored pixel, at the crop's left edge onwards.
        var first = (crop.Left * Side) + 0.5 - 0.5;
        Assert.Equal(((first * 4 / 255) - 0.5) / 0.25, shown[0, 0, 16, 0].ToDouble(), 2);
        Assert.Equal((((first + 31) * 4 / 255) - 0.5) / 0.25, shown[0, 0, 16, 31].ToDouble(), 2);
    }

    [Fact]
    public void Crops_keep_to_their_ranges_and_fill_them()
    {
        using var augmentation = Augment(
            new AugmentationRule
            {
                CropScale = [0.25, 1],
                CropRatio = [0.75, 4 / 3.0],
                Flip = 0.5,
            }
        );
        var random = Seeds.Generator(1, "crops");
        var crops = Enumerable.Range(0, 4000).Select(_ => augmentation.Draw(random)).ToList();
        Assert.All(crops, crop => Assert.InRange(crop.Width * crop.Height, 0.2499, 1.0001));
        Assert.All(crops, crop => Assert.InRange(crop.Width / crop.Height, 0.7499, 1.3335));
        Assert.All(crops, crop => Assert.InRange(crop.Left + crop.Width, crop.Width, 1.0000001));
        Assert.InRange(crops.Count(crop => crop.Flip), 1850, 2150);
        Assert.InRange(crops.Average(crop => crop.Width * crop.Height), 0.5, 0.65);
    }

    [Fact]
    public void RandAugment_sees_the_cropped_pixels_and_comes_before_normalisation()
    {
        using var scope = NewDisposeScope();
        var rule = Whole with
        {
            RandAugment = new() { Operations = 2, Magnitude = 30 },
        };
        var pixels = Pixels(8);
        var random = Seeds.Generator(1, "test");
        using var augmentation = Augment(rule);
        augmentation.Draw(random);
        augmentation.Draw(random);
        var varied = RandAugment.Apply(rule.RandAugment, pixels.to_type(ScalarType.Float32), random);
        Assert.False(varied.allclose(pixels.to_type(ScalarType.Float32)));
        AssertClose((varied / 255 - 0.5) / 0.25, Train(rule, pixels, 8));
    }

    [Fact]
    public void Erasing_comes_last_so_that_zero_is_the_mean_colour()
    {
        using var pixels = Pixels(8);
        var rule = Whole with
        {
            Lighting = 0.1,
            RandomErasing = new()
            {
                Probability = 1,
                Area = [0.25, 0.25],
                Ratio = [1, 1],
                Fill = ErasingFill.Zero,
            },
        };
        using var examples = Train(rule, pixels, 8);
        Assert.Equal(2 * 3 * 16, examples.eq(0).sum().ToInt64());
    }

    [Fact]
    public void Evaluation_sees_the_centre()
    {
        using var pixels = Pixels(8);
        using var augmentation = Augment(Whole);
        using var expected = (pixels.narrow(2, 2, 4).narrow(3, 2, 4).to_type(ScalarType.Float32) / 255 - 0.5) / 0.25;
        using var centre = augmentation.ForEvaluation(pixels, 4, 4);
        AssertClose(expected, centre);
    }

    // Two to one, antialiased: a triangle four pixels wide gives them 1, 3, 3, 1 eighths, and 3, 3, 1 sevenths at an edge.
    [Fact]
    public void A_centre_of_another_size_is_brought_to_that_of_the_network()
    {
        using var pixels = Pixels(8);
        using var augmentation = Augment(Whole);
        using var centre = augmentation.ForEvaluation(pixels, 4, 4);
        using var rows = tensor(
            new float[,]
            {
                { 3 / 7f, 3 / 7f, 1 / 7f, 0 },
                { 0, 1 / 7f, 3 / 7f, 3 / 7f },
            }
        );
        using var expected = rows.matmul(centre).matmul(rows.t());
        using var half = augmentation.ForEvaluation(pixels, 4, 2);
        AssertClose(expected, half);
    }

    private static Tensor Train(AugmentationRule rule, Tensor pixels, int size)
    {
        using var augmentation = Augment(rule);
        return augmentation.ForTraining(pixels, size, Seeds.Generator(1, "test"));
    }

    private static Augmentation Augment(AugmentationRule rule) => new(rule, Trials.Shapes, CPU);

    private static Tensor Pixels(int side) =>
        arange(2 * 3 * side * side).mul(7).remainder(251).to_type(ScalarType.Byte).view(2, 3, side, side);

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.True(expected.allclose(actual, rtol: 0, atol: 1e-5), $"largest difference {(expected - actual).abs().max().ToDouble()}");
}
