using System.Globalization;
using System.Security.Cryptography;
using SkiaSharp;
using TrainHarness.Training.Native;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

/// <summary>From the bytes of an image file to the pixels of an example.</summary>
internal static class EncodedImage
{
    // Four bytes each while an image is decoded, once per core; the largest image of ImageNet has 25 million.
    private const long LargestPixels = 128L << 20;

    // A JPEG is decoded at the smallest of its eighths that still has this many times the side: cheaper, and the last step filters
    // properly.
    private const int ScaledDecodeMargin = 2;

    /// <summary>
    /// Decodes, turns as EXIF says, resizes the short side to <paramref name="side"/> and crops the centre.
    /// Writes 3 × side × side bytes, red plane first. An image of exactly that size is copied without resampling.
    /// Colour profiles are ignored, and transparency too: a pixel has the colour that is stored with it, whatever lies behind it, as by
    /// most loaders of training data.
    /// </summary>
    /// <exception cref="UndecodableImageException">The bytes are no image, are cut off, or hold too many pixels.</exception>
    public static ExampleContent Render(byte[] encoded, int side, Span<byte> destination)
    {
        var image = Decode(encoded, side);
        Resampling.ResizeAndCrop(image.Pixels, image.Width, image.Height, side, destination);
        return new ExampleContent(encoded.LongLength, SHA256.HashData(encoded));
    }

    /// <summary>The upright image, a JPEG no larger than an example of that side needs it.</summary>
    /// <exception cref="UndecodableImageException">As <see cref="Render"/>.</exception>
    /// <param name="withTurboJpeg">Let libturbojpeg decode where the system has it; the pixels are the same.</param>
    public static DecodedImage Decode(byte[] encoded, int side, bool withTurboJpeg = true)
    {
        if (Netpbm.IsOne(encoded))
            return Netpbm.Decode(encoded, LargestPixels);
        using var data = SKData.CreateCopy(encoded);
        using var codec = SKCodec.Create(data) ?? throw Unknown(encoded);
        // Also of a JPEG that is decoded at an eighth: a progressive one keeps all its coefficients, six bytes for each pixel.
        RequireBounded(codec.Info);
        var size = DecodedSize(codec, side);
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        if (codec.EncodedFormat == SKEncodedImageFormat.Gif)
            return DecodeGif(encoded, info);
        var pixels = GC.AllocateUninitializedArray<byte>(info.BytesSize);
        // What libturbojpeg complains about is Skia's to judge.
        if (
            !withTurboJpeg
            || codec.EncodedFormat != SKEncodedImageFormat.Jpeg
            || !TurboJpeg.TryDecode(encoded, size.Width, size.Height, pixels)
        )
            DecodeBySkia(codec, info, pixels);
        return Upright(new DecodedImage(pixels, size.Width, size.Height), Origin(codec, encoded));
    }

    // A transparent pixel of a GIF has a colour of its palette, which Skia does not give; of an image without transparency it gives all.
    private static DecodedImage DecodeGif(byte[] encoded, SKImageInfo info)
    {
        var gif = OpaqueGif.Of(encoded);
        using var data = SKData.CreateCopy(gif.Encoded);
        using var codec = SKCodec.Create(data) ?? throw Unknown(encoded);
        // What the first frame does not cover stays as it is.
        var pixels = new byte[info.BytesSize];
        DecodeBySkia(codec, info, pixels);
        for (var i = 0; i < pixels.Length; i += 4)
        {
            if (pixels[i + 3] == 0)
                (pixels[i], pixels[i + 1], pixels[i + 2]) = gif.Uncovered;
        }

        return new DecodedImage(pixels, info.Width, info.Height);
    }

    private static SKEncodedOrigin Origin(SKCodec codec, byte[] encoded) =>
        codec.EncodedOrigin is var known && known is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default
            ? ExifOrientation.Of(encoded, codec.EncodedFormat) is { } orientation
                ? (SKEncodedOrigin)orientation
                : known
            : known;

    private static UndecodableImageException Unknown(byte[] encoded) =>
        new(
            encoded.Length == 0 ? "the file is empty"
            : ImageKinds.Unread(ImageKinds.Of(encoded)) is { } name ? $"{name} is not read"
            : "not a JPEG, PNG, WebP, BMP or GIF of a kind that can be read"
        );

    private static unsafe void DecodeBySkia(SKCodec codec, SKImageInfo info, byte[] pixels)
    {
        fixed (byte* first = pixels)
            RequireSuccess(codec.GetPixels(info, (nint)first));
    }

    private static SKSizeI DecodedSize(SKCodec codec, int side)
    {
        var size = codec.Info.Size;
        var shortSide = Math.Min(size.Width, size.Height);
        var eighths = (int)Math.Min(8, ((8L * ScaledDecodeMargin * side) + shortSide - 1) / shortSide);
        return codec.EncodedFormat == SKEncodedImageFormat.Jpeg && eighths < 8 ? codec.GetScaledDimensions(eighths / 8f) : size;
    }

    private static void RequireBounded(SKImageInfo info)
    {
        if ((long)info.Width * info.Height > LargestPixels)
            throw new UndecodableImageException(
                string.Create(CultureInfo.InvariantCulture, $"{info.Width} x {info.Height} pixels are more than {LargestPixels}")
            );
    }

    private static void RequireSuccess(SKCodecResult result)
    {
        if (result != SKCodecResult.Success)
            throw new UndecodableImageException(
                result == SKCodecResult.IncompleteInput ? "the file is cut off" : $"the decoder says {result}"
            );
    }

    private static DecodedImage Upright(DecodedImage image, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default)
            return image;
        var upright = Turned(image.Pixels, image.Width, image.Height, origin);
        return origin >= SKEncodedOrigin.LeftTop
            ? new DecodedImage(upright, image.Height, image.Width)
            : new DecodedImage(upright, image.Width, image.Height);
    }

    // The origin names where the stored image's first row and first column lie in the upright one.
    private static byte[] Turned(ReadOnlySpan<byte> pixels, int width, int height, SKEncodedOrigin origin)
    {
        var upright = new byte[pixels.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var target = UprightIndex(x, y, width, height, origin);
                pixels.Slice(4 * ((y * width) + x), 4).CopyTo(upright.AsSpan(4 * target));
            }
        }

        return upright;
    }

    private static int UprightIndex(int x, int y, int width, int height, SKEncodedOrigin origin)
    {
        var right = width - 1 - x;
        var bottom = height - 1 - y;
        return origin switch
        {
            SKEncodedOrigin.TopRight => (y * width) + right,
            SKEncodedOrigin.BottomRight => (bottom * width) + right,
            SKEncodedOrigin.BottomLeft => (bottom * width) + x,
            SKEncodedOrigin.LeftTop => (x * height) + y,
            SKEncodedOrigin.RightTop => (x * height) + bottom,
            SKEncodedOrigin.RightBottom => (right * height) + bottom,
            SKEncodedOrigin.LeftBottom => (right * height) + y,
            _ => throw new UndecodableImageException($"unknown EXIF orientation {origin}"),
        };
    }
}

/// <summary>Pixels of four bytes each, red, green, blue and one that says nothing, row by row.</summary>
internal sealed record DecodedImage(byte[] Pixels, int Width, int Height);
