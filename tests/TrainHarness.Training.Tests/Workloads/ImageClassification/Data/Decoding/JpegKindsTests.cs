using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Decoding;

/// <summary>Colour models and processes of JPEG, with pixels worked out by hand from the stored values.</summary>
public sealed class JpegKindsTests
{
    [Theory]
    // Grayscale: the value three times.
    [InlineData(null, new byte[] { 100 }, 100, 100, 100)]
    // YCbCr of JFIF: R = Y + 1.402 (Cr − 128), G = Y − 0.344 (Cb − 128) − 0.714 (Cr − 128), B = Y + 1.772 (Cb − 128).
    [InlineData(null, new byte[] { 100, 128, 128 }, 100, 100, 100)]
    [InlineData(null, new byte[] { 100, 128, 178 }, 170, 64, 100)]
    // Adobe, no transform: red, green, blue as they are.
    [InlineData((byte)0, new byte[] { 10, 120, 230 }, 10, 120, 230)]
    // Adobe CMYK is stored inverted: a stored 255 is no ink. Red = C · K / 255.
    [InlineData((byte)0, new byte[] { 200, 100, 50, 255 }, 200, 100, 50)]
    [InlineData((byte)0, new byte[] { 200, 100, 50, 51 }, 40, 20, 10)]
    // YCCK: Y, Cb, Cr give the colour whose complement is the stored CMY: C = 255 − (Y + …); red = C · K / 255.
    [InlineData((byte)2, new byte[] { 100, 128, 128, 255 }, 155, 155, 155)]
    [InlineData((byte)2, new byte[] { 100, 128, 178, 255 }, 85, 191, 155)]
    public void Stored_values_become_the_colour_that_they_stand_for(byte? adobe, byte[] stored, int red, int green, int blue)
    {
        foreach (var progressive in (bool[])[false, true])
        {
            var image = EncodedImage.Decode(HandmadeJpeg.Of(adobe, progressive, stored, [.. stored.Select(_ => (byte)128)]), side: 8);

            Assert.Equal((16, 8), (image.Width, image.Height));
            Assert.InRange(image.Pixels[0], red - 1, red + 1);
            Assert.InRange(image.Pixels[1], green - 1, green + 1);
            Assert.InRange(image.Pixels[2], blue - 1, blue + 1);
        }
    }

    [Fact]
    public void An_image_that_Exif_turns_has_its_sides_exchanged()
    {
        var image = EncodedImage.Decode(Picture.WithOrientation(HandmadeJpeg.Of(null, progressive: true, [40], [200]), 6), side: 8);

        // A quarter turn to the right: what was left is on top.
        Assert.Equal((8, 16), (image.Width, image.Height));
        Assert.Equal(40, image.Pixels[0]);
        Assert.Equal(200, image.Pixels[^4]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_is_cut_off_is_refused(bool progressive)
    {
        byte[][] blocks = [.. Enumerable.Range(0, 64).Select(i => (byte[])[(byte)(i * 37)])];
        var whole = HandmadeJpeg.Of(null, progressive, blocks);
        Assert.Equal((512, 8), (EncodedImage.Decode(whole, side: 8).Width, EncodedImage.Decode(whole, side: 8).Height));

        Assert.Throws<UndecodableImageException>(() => EncodedImage.Decode(whole[..(whole.Length - 40)], side: 8));
        Assert.Throws<UndecodableImageException>(() => EncodedImage.Decode(whole[..50], side: 8));
    }
}
