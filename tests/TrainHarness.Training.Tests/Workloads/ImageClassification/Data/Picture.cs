using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SkiaSharp;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>Images drawn for a test, and the pixels of a packed example.</summary>
internal static class Picture
{
    public static byte[] Png(int width, int height, Func<int, int, SKColor> colour) =>
        Encoded(width, height, SKColorType.Rgba8888, SKEncodedImageFormat.Png, colour);

    public static byte[] GrayPng(int width, int height, Func<int, int, byte> brightness) =>
        Encoded(width, height, SKColorType.Gray8, SKEncodedImageFormat.Png, (x, y) => Gray(brightness(x, y)));

    public static byte[] Jpeg(int width, int height, Func<int, int, SKColor> colour) =>
        Encoded(width, height, SKColorType.Rgba8888, SKEncodedImageFormat.Jpeg, colour);

    public static byte[] GrayJpeg(int width, int height, byte brightness) =>
        Encoded(width, height, SKColorType.Gray8, SKEncodedImageFormat.Jpeg, (_, _) => Gray(brightness));

    public static SKColor Gray(byte brightness) => new(brightness, brightness, brightness);

    /// <summary>Puts an Exif segment that holds nothing but the orientation behind the JPEG's first marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif =
        [
            0xFF,
            0xE1,
            0,
            34,
            (byte)'E',
            (byte)'x',
            (byte)'i',
            (byte)'f',
            0,
            0,
            (byte)'I',
            (byte)'I',
            42,
            0,
            8,
            0,
            0,
            0,
            1,
            0,
            0x12,
            0x01,
            3,
            0,
            1,
            0,
            0,
            0,
            orientation,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    public static byte[] WebP(int width, int height, Func<int, int, SKColor> colour)
    {
        using var bitmap = SKBitmap.Decode(Png(width, height, colour));
        using var pixels = bitmap.PeekPixels()!;
        using var data = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100));
        return data!.ToArray();
    }

    /// <summary>Puts a chunk eXIf behind the PNG's header.</summary>
    public static byte[] WithPngOrientation(byte[] png, byte orientation)
    {
        const int headerEnd = 33;
        byte[] chunk = [.. "eXIf"u8, .. Exif(orientation)];
        byte[] length = [0, 0, 0, (byte)(chunk.Length - 4)],
            checksum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32(chunk));
        return [.. png[..headerEnd], .. length, .. chunk, .. checksum, .. png[headerEnd..]];
    }

    /// <summary>The WebP in the extended format, with a chunk EXIF behind its pixels.</summary>
    public static byte[] WithWebPOrientation(byte[] webP, int side, byte orientation)
    {
        byte[] exif = Exif(orientation),
            pixels = webP[webP.AsSpan().IndexOf("VP8L"u8)..];
        byte[] body =
        [
            .. "WEBPVP8X"u8,
            10,
            0,
            0,
            0,
            8,
            0,
            0,
            0,
            (byte)(side - 1),
            0,
            0,
            (byte)(side - 1),
            0,
            0,
            .. pixels,
            .. "EXIF"u8,
            (byte)exif.Length,
            0,
            0,
            0,
            .. exif,
        ];
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        return [.. "RIFF"u8, .. length, .. body];
    }

    /// <summary>Two by two pixels, of which the second and the third are transparent and have a colour all the same.</summary>
    public static byte[] PngWithHidden(SKColor seen, SKColor hidden)
    {
        using var bitmap = new SKBitmap(2, 2, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        SKColor[] colours = [seen, hidden.WithAlpha(0), hidden.WithAlpha(0), seen];
        Marshal.Copy(
            colours.SelectMany(colour => (byte[])[colour.Red, colour.Green, colour.Blue, colour.Alpha]).ToArray(),
            0,
            bitmap.GetPixels(),
            16
        );
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>The same with a palette. Codes of three bits: clear (4), entries 0, 1, 1, then 0 with the width still 3, end (5).</summary>
    public static byte[] GifWithHidden(SKColor seen, SKColor hidden)
    {
        byte[] palette = [seen.Red, seen.Green, seen.Blue, hidden.Red, hidden.Green, hidden.Blue, 0, 0, 0, 0, 0, 0];
        byte[] header = [.. "GIF89a"u8, 2, 0, 2, 0, 0x81, 0, 0, .. palette];
        byte[] control = [0x21, 0xF9, 4, 1, 0, 0, 1, 0];
        // 4, 0, 1, 4, 1, 0, 5 from the lowest bit: cleared again before the codes grow.
        var codes = 4 | (0 << 3) | (1 << 6) | (4 << 9) | (1 << 12) | (0 << 15) | (5 << 18);
        return
        [
            .. header,
            .. control,
            0x2C,
            0,
            0,
            0,
            0,
            2,
            0,
            2,
            0,
            0,
            2,
            3,
            (byte)codes,
            (byte)(codes >> 8),
            (byte)(codes >> 16),
            0,
            0x3B,
        ];
    }

    private static byte[] Exif(byte orientation) =>
        [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }

        return ~crc;
    }

    /// <summary>Example <paramref name="index"/> of a pack.</summary>
    public static byte[] Planes(this DatasetPack pack, Split split, int index)
    {
        var planes = new byte[3 * pack.Header.Side * pack.Header.Side];
        pack.Copy(split, [index], planes);
        return planes;
    }

    /// <summary>Every example of a pack, training first, with its label in front.</summary>
    public static byte[] Planes(this DatasetPack pack)
    {
        List<byte> all = [];
        foreach (var split in (Split[])[Split.Train, Split.Validation])
        {
            int[] labels = [.. pack.Labels(split)];
            for (var index = 0; index < labels.Length; index++)
                all.AddRange([(byte)labels[index], .. pack.Planes(split, index)]);
        }

        return [.. all];
    }

    public static SKColor At(this byte[] planes, int side, int x, int y)
    {
        var pixel = (y * side) + x;
        return new SKColor(planes[pixel], planes[pixel + (side * side)], planes[pixel + (2 * side * side)]);
    }

    private static byte[] Encoded(int width, int height, SKColorType type, SKEncodedImageFormat format, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(width, height, type, SKAlphaType.Opaque);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, colour(x, y));
        }

        using var data = bitmap.Encode(format, 100);
        return data.ToArray();
    }
}
