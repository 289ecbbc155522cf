using System.Buffers.Binary;

namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>What the first bytes of a file say about it as an image.</summary>
internal enum ImageKind
{
    None,
    Empty,

    /// <summary>JPEG, PNG, WebP, BMP, GIF, and PPM and PGM in bytes.</summary>
    Readable,
    Tiff,
    Jpeg2000,
    Avif,
    Heic,
    JpegXl,
    Photoshop,
    PlainNetpbm,
}

/// <summary>Images by their first bytes.</summary>
internal static class ImageKinds
{
    /// <summary>As many bytes as <see cref="Of"/> looks at.</summary>
    public const int LookedAt = 32;

    public static ImageKind Of(ReadOnlySpan<byte> start) =>
        start switch
        {
            [] => ImageKind.Empty,
            [0xFF, 0xD8, 0xFF, ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => ImageKind.Readable,
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageKind.Readable,
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageKind.Readable,
            // The length of the header that follows: 12 of OS/2, 40 to 124 of Windows.
            [(byte)'B', (byte)'M', _, _, _, _, _, _, _, _, _, _, _, _, 12 or (>= 40 and <= 124), 0, 0, 0, ..] => ImageKind.Readable,
            [(byte)'P', (byte)'5' or (byte)'6', (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t', ..] => ImageKind.Readable,
            [
                (byte)'P',
                (byte)'1'
                or (byte)'2'
                or (byte)'3'
                or (byte)'4'
                or (byte)'7',
                (byte)' '
                or (byte)'\n'
                or (byte)'\r'
                or (byte)'\t',
                ..,
            ] => ImageKind.PlainNetpbm,
            [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageKind.Tiff,
            [0, 0, 0, 12, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => ImageKind.Jpeg2000,
            [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] or [0xFF, 0x0A, ..] => ImageKind.JpegXl,
            [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => ImageKind.Photoshop,
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => OfBrand(start),
            _ => ImageKind.None,
        };

    /// <summary>Its name, where it is an image that is not read.</summary>
    public static string? Unread(ImageKind kind) =>
        kind switch
        {
            ImageKind.Tiff => "TIFF",
            ImageKind.Jpeg2000 => "JPEG 2000",
            ImageKind.Avif => "AVIF",
            ImageKind.Heic => "HEIC",
            ImageKind.JpegXl => "JPEG XL",
            ImageKind.Photoshop => "PSD",
            ImageKind.PlainNetpbm => "Netpbm other than P5 and P6",
            _ => null,
        };

    private static ImageKind OfBrand(ReadOnlySpan<byte> start) =>
        start.Length < 12
            ? ImageKind.None
            : BinaryPrimitives.ReadUInt32BigEndian(start[8..]) switch
            {
                0x61766966 or 0x61766973 => ImageKind.Avif,
                0x68656963 or 0x68656978 or 0x6D696631 or 0x6D736631 => ImageKind.Heic,
                _ => ImageKind.None,
            };
}
