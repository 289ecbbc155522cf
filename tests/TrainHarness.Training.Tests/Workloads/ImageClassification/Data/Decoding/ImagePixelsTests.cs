using SkiaSharp;
using TrainHarness.Training.Workloads.ImageClassification.Data;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Decoding;

/// <summary>What becomes of one image's pixels on the way into a pack.</summary>
public sealed class ImagePixelsTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void An_image_of_the_packs_own_size_is_copied_exactly()
    {
        static SKColor Colour(int x, int y) => new((byte)(17 * x), (byte)(31 * y), (byte)((7 * x) + (11 * y)));

        var planes = Packed(Picture.Png(9, 9, Colour), 9);

        for (var y = 0; y < 9; y++)
        {
            for (var x = 0; x < 9; x++)
                Assert.Equal(Colour(x, y), planes.At(9, x, y));
        }
    }

    [Fact]
    public void Planes_come_red_green_blue_and_rows_before_columns()
    {
        var planes = Packed(
            Picture.Png(2, 2, (x, y) => new SKColor((byte)(1 + x + (2 * y)), (byte)(11 + x + (2 * y)), (byte)(21 + x + (2 * y)))),
            2
        );

        Assert.Equal<byte>([1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24], planes);
    }

    [Theory]
    [InlineData(10, 4, 3, 0)]
    [InlineData(4, 10, 0, 3)]
    public void The_centre_of_the_long_side_is_kept(int width, int height, int left, int top)
    {
        var planes = Packed(Picture.Png(width, height, (x, y) => new SKColor((byte)(10 * x), (byte)(10 * y), 0)), 4);

        Assert.Equal(new SKColor((byte)(10 * left), (byte)(10 * top), 0), planes.At(4, 0, 0));
        Assert.Equal(new SKColor((byte)(10 * (left + 3)), (byte)(10 * (top + 3)), 0), planes.At(4, 3, 3));
    }

    // A triangle two pixels to each side weighs 3, 3 and 1 sevenths at the border: (3*0 + 3*70 + 140) / 7 = 50, (70 + 3*140 + 3*210) / 7 =
    // 160.
    [Fact]
    public void Halving_weighs_neighbours_with_a_triangle()
    {
        var planes = Packed(Picture.Png(4, 4, (x, _) => Picture.Gray((byte)(70 * x))), 2);

        Assert.Equal<byte>([50, 160, 50, 160], planes[..4]);
    }

    [Fact]
    public void A_fine_checker_becomes_even_gray_and_no_moire()
    {
        var planes = Packed(Picture.Png(90, 90, (x, y) => Picture.Gray((x + y) % 2 == 0 ? (byte)0 : (byte)200)), 9);

        Assert.All(planes, value => Assert.InRange(value, 97, 103));
    }

    [Fact]
    public void A_large_photograph_is_decoded_smaller_and_keeps_its_colours()
    {
        var planes = Packed(Picture.Jpeg(800, 600, (x, _) => x < 400 ? SKColors.Red : SKColors.Blue), 30);

        AssertNear(SKColors.Red, planes.At(30, 3, 15));
        AssertNear(SKColors.Blue, planes.At(30, 26, 15));
    }

    [Theory]
    [InlineData(1, "RG/BW")]
    [InlineData(2, "GR/WB")]
    [InlineData(3, "WB/GR")]
    [InlineData(4, "BW/RG")]
    [InlineData(5, "RB/GW")]
    [InlineData(6, "BR/WG")]
    [InlineData(7, "WG/BR")]
    [InlineData(8, "GW/RB")]
    public void Exif_orientation_turns_the_image_upright(byte orientation, string upright)
    {
        var jpeg = Picture.Jpeg(64, 32, (x, y) => Named(
                x < 32 ? (y < 16 ? 'R' : 'B')
                : y < 16 ? 'G'
                : 'W'
            ));

        var planes = Packed(Picture.WithOrientation(jpeg, orientation), 32);

        AssertNear(Named(upright[0]), planes.At(32, 4, 4));
        AssertNear(Named(upright[1]), planes.At(32, 27, 4));
        AssertNear(Named(upright[3]), planes.At(32, 4, 27));
        AssertNear(Named(upright[4]), planes.At(32, 27, 27));
    }

    // As EXIF says in every format: PNG in a chunk eXIf before its pixels, WebP in one EXIF behind them.
    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(8)]
    public void Exif_orientation_turns_a_PNG_and_a_WebP_as_it_turns_a_JPEG(byte orientation)
    {
        static SKColor Colour(int x, int y) => new((byte)(40 * x), (byte)(40 * y), 7);
        var expected = new byte[3 * 4 * 4];
        for (var y = 0; y < 4; y++)
        {
            for (var x = 0; x < 4; x++)
            {
                var (toX, toY) = orientation switch
                {
                    3 => (3 - x, 3 - y),
                    6 => (3 - y, x),
                    _ => (y, 3 - x),
                };
                (expected[(4 * toY) + toX], expected[16 + (4 * toY) + toX], expected[32 + (4 * toY) + toX]) = (
                    (byte)(40 * x),
                    (byte)(40 * y),
                    7
                );
            }
        }

        var png = Picture.Png(4, 4, Colour);
        Assert.Equal(expected, Packed(Picture.WithPngOrientation(png, orientation), 4));
        Assert.Equal(expected, Packed(Picture.WithWebPOrientation(Picture.WebP(4, 4, Colour), 4, orientation), 4));
    }

    [Fact]
    public void A_transparent_pixel_has_the_colour_that_is_stored_with_it_in_every_format()
    {
        var (seen, hidden) = (new SKColor(200, 100, 50), new SKColor(10, 220, 30));

        foreach (var image in (byte[][])[Picture.PngWithHidden(seen, hidden), Picture.GifWithHidden(seen, hidden)])
        {
            var planes = Packed(image, 2);
            Assert.Equal(seen, planes.At(2, 0, 0));
            Assert.Equal(hidden, planes.At(2, 1, 0));
            Assert.Equal(hidden, planes.At(2, 0, 1));
            Assert.Equal(seen, planes.At(2, 1, 1));
        }
    }

    [Fact]
    public void A_grayscale_image_has_three_equal_planes()
    {
        var planes = Packed(Picture.GrayPng(3, 3, (x, y) => (byte)((20 * x) + (60 * y))), 3);

        Assert.Equal<byte>([0, 20, 40, 60, 80, 100, 120, 140, 160], planes[..9]);
        Assert.Equal(planes[..9], planes[9..18]);
        Assert.Equal(planes[..9], planes[18..]);
    }

    [Fact]
    public void A_grayscale_jpeg_keeps_its_brightness()
    {
        var planes = Packed(Picture.GrayJpeg(16, 16, 90), 8);

        Assert.All(planes, value => Assert.InRange(value, 89, 91));
    }

    [Fact]
    public void An_image_is_known_by_its_bytes_and_not_by_its_extension()
    {
        var planes = Packed(Picture.Png(2, 2, (_, _) => SKColors.Red), 2, "named.JPEG");

        Assert.Equal(SKColors.Red, planes.At(2, 1, 1));
    }

    private static SKColor Named(char name) =>
        name switch
        {
            'R' => SKColors.Red,
            'G' => SKColors.Lime,
            'B' => SKColors.Blue,
            _ => SKColors.White,
        };

    private static void AssertNear(SKColor expected, SKColor actual)
    {
        Assert.InRange(actual.Red, expected.Red - 12, expected.Red + 12);
        Assert.InRange(actual.Green, expected.Green - 12, expected.Green + 12);
        Assert.InRange(actual.Blue, expected.Blue - 12, expected.Blue + 12);
    }

    private byte[] Packed(byte[] image, int side, string name = "one.png")
    {
        workshop.Write($"train/only/{name}", image);
        workshop.Write("val/only/other.png", Picture.Png(2, 2, (_, _) => SKColors.Black));
        using var pack = workshop.OpenFolder(side);
        return pack.Planes(Split.Train, 0);
    }
}
