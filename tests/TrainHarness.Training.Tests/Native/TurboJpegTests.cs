using SkiaSharp;
using TrainHarness.Training.Native;
using TrainHarness.Training.Tests.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

namespace TrainHarness.Training.Tests.Native;

/// <summary>libturbojpeg changes how fast a dataset is packed, and nothing else.</summary>
public sealed class TurboJpegTests
{
    [Fact]
    public void Pixels_are_the_same_with_and_without_libturbojpeg()
    {
        Assert.SkipUnless(TurboJpeg.IsAvailable, "libturbojpeg is not on this system (Debian: apt install libturbojpeg0).");
        var photograph = Picture.Jpeg(500, 375, (x, y) => new SKColor((byte)(x * y / 90), (byte)((x * 7) ^ (y * 3)), (byte)(x + (2 * y))));
        foreach (var side in (int[])[16, 64, 128, 224, 375])
            Assert.True(AssertSame(photograph, side));
        Assert.True(AssertSame(HandmadeJpeg.Of(null, progressive: true, [10], [200]), 8));
        Assert.True(AssertSame(HandmadeJpeg.Of(2, progressive: false, [100, 128, 178, 255], [1, 2, 3, 4]), 8));
        Assert.False(AssertSame(photograph[..1000], 64));
    }

    [Fact]
    public void What_is_no_JPEG_or_has_four_inks_is_left_to_Skia()
    {
        var pixels = new byte[8 * 8 * 4];
        Assert.False(TurboJpeg.TryDecode("no image"u8, 8, 8, pixels));
        Assert.False(TurboJpeg.TryDecode(HandmadeJpeg.Of(0, progressive: false, [1, 2, 3, 4]), 8, 8, pixels));
        Assert.False(TurboJpeg.TryDecode(HandmadeJpeg.Of(null, progressive: false, [1]), 8, 8, pixels.AsSpan(1)));
    }

    /// <returns>Whether the image could be decoded at all.</returns>
    internal static bool AssertSame(byte[] encoded, int side)
    {
        var (with, without) = (Attempt(withTurboJpeg: true), Attempt(withTurboJpeg: false));
        Assert.Equal(without is null, with is null);
        if (without is null)
            return false;
        Assert.Equal((without.Width, without.Height), (with!.Width, with.Height));
        // The fourth byte says nothing.
        for (var i = 0; i < without.Pixels.Length; i++)
            Assert.True(i % 4 == 3 || without.Pixels[i] == with.Pixels[i], $"Byte {i} differs.");
        return true;

        DecodedImage? Attempt(bool withTurboJpeg)
        {
            try
            {
                return EncodedImage.Decode(encoded, side, withTurboJpeg);
            }
            catch (UndecodableImageException)
            {
                return null;
            }
        }
    }
}
