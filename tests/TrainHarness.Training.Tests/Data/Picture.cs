using SkiaSharp;
using TrainHarness.Training.Data;

namespace TrainHarness.Training.Tests.Data;

/// <summary>Images drawn for a test, and the pixels of a packed example.</summary>
internal static class Picture
{
    public static byte[] Png(int width, int height, Func<int, int, SKColor> colour) => Encoded(width, height, SKColorType.Rgba8888, SKEncodedImageFormat.Png, colour);

    public static byte[] GrayPng(int width, int height, Func<int, int, byte> brightness) =>
        Encoded(width, height, SKColorType.Gray8, SKEncodedImageFormat.Png, (x, y) => Gray(brightness(x, y)));

    public static byte[] Jpeg(int width, int height, Func<int, int, SKColor> colour) => Encoded(width, height, SKColorType.Rgba8888, SKEncodedImageFormat.Jpeg, colour);

    public static byte[] GrayJpeg(int width, int height, byte brightness) =>
        Encoded(width, height, SKColorType.Gray8, SKEncodedImageFormat.Jpeg, (_, _) => Gray(brightness));

    public static SKColor Gray(byte brightness) => new(brightness, brightness, brightness);

    /// <summary>Puts an Exif segment that holds nothing but the orientation behind the JPEG's first marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0,
            (byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0,
            1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    /// <summary>Example <paramref name="index"/> of a pack.</summary>
    public static byte[] Planes(this DatasetPack pack, Split split, int index)
    {
        byte[] planes = new byte[3 * pack.Header.Side * pack.Header.Side];
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
            for (int index = 0; index < labels.Length; index++)
                all.AddRange([(byte)labels[index], .. pack.Planes(split, index)]);
        }

        return [.. all];
    }

    public static SKColor At(this byte[] planes, int side, int x, int y)
    {
        int pixel = (y * side) + x;
        return new SKColor(planes[pixel], planes[pixel + (side * side)], planes[pixel + (2 * side * side)]);
    }

    private static byte[] Encoded(int width, int height, SKColorType type, SKEncodedImageFormat format, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(width, height, type, SKAlphaType.Opaque);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                bitmap.SetPixel(x, y, colour(x, y));
        }

        using var data = bitmap.Encode(format, 100);
        return data.ToArray();
    }
}
