using System.Buffers.Binary;
using SkiaSharp;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

/// <summary>
/// How an image is to be turned by its EXIF data, in the formats in which Skia does not look for it (PNG's chunk eXIf, WebP's chunk EXIF).
/// </summary>
internal static class ExifOrientation
{
    private const ushort Orientation = 0x0112;
    private const int PngSignature = 8;
    private const int WebPHeader = 12;

    /// <returns>1 to 8 as EXIF numbers them; null where it says nothing that can be read.</returns>
    public static int? Of(ReadOnlySpan<byte> file, SKEncodedImageFormat format) =>
        format switch
        {
            SKEncodedImageFormat.Png => OfTiff(Chunk(file, PngSignature, "eXIf"u8, isPng: true)),
            SKEncodedImageFormat.Webp => OfTiff(Chunk(file, WebPHeader, "EXIF"u8, isPng: false)),
            _ => null,
        };

    // PNG: length, name, data, checksum. WebP: name, length, data, in even lengths.
    private static ReadOnlySpan<byte> Chunk(ReadOnlySpan<byte> file, long at, ReadOnlySpan<byte> name, bool isPng)
    {
        while (at + 8 <= file.Length)
        {
            var header = file.Slice((int)at, 8);
            long length = isPng ? BinaryPrimitives.ReadUInt32BigEndian(header) : BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            if (at + 8 + length > file.Length)
                return [];
            if ((isPng ? header[4..] : header[..4]).SequenceEqual(name))
                return file.Slice((int)at + 8, (int)length);
            at += 8 + length + (isPng ? 4 : length % 2);
        }

        return [];
    }

    private static int? OfTiff(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        var isLittle = exif.StartsWith("II"u8);
        if (exif.Length < 8 || (!isLittle && !exif.StartsWith("MM"u8)))
            return null;
        long at = Int(exif[4..]);
        if (at + 2 > exif.Length)
            return null;
        int count = Short(exif[(int)at..]);
        for (at += 2; count > 0 && at + 12 <= exif.Length; at += 12, count--)
        {
            var entry = exif.Slice((int)at, 12);
            if (Short(entry) == Orientation)
                return Short(entry[8..]) is var value and >= 1 and <= 8 ? value : null;
        }

        return null;

        ushort Short(ReadOnlySpan<byte> bytes) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        uint Int(ReadOnlySpan<byte> bytes) =>
            isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
