using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>What a file is by its bytes; its name says nothing.</summary>
/// <param name="Words">With its article, as a message says it.</param>
internal sealed record FileKind(string Words)
{
    public static readonly FileKind Tar = new("a tar archive");
    public static readonly FileKind CompressedTar = new("a gzip-compressed tar archive");
    public static readonly FileKind Zip = new("a zip archive");

    private const int BlockBytes = 512;

    private static readonly SearchValues<byte> OfChecksum = SearchValues.Create("01234567 \0"u8);

    // What is told by its first bytes alone.
    private static readonly (byte[] Start, string Words)[] Starts =
    [
        ([0xFD, .. "7zXZ"u8, 0], "an xz archive"),
        ([.. "BZh"u8], "a bzip2 archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a zstd archive"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
        ([.. "Rar!"u8, 0x1A, 7], "a RAR archive"),
        ([0x04, 0x22, 0x4D, 0x18], "an lz4 archive"),
        ([.. "LZIP"u8], "an lzip archive"),
        ([0x1F, 0x9D], "a compress (.Z) archive"),
        ([.. "!<arch>\n"u8], "an ar archive"),
        ([0x89, .. "HDF\r\n"u8], "an HDF5 file"),
        ([.. "PAR1"u8], "a Parquet file"),
        ([.. "SQLite format 3"u8, 0], "an SQLite database"),
        ([0x93, .. "NUMPY"u8], "a NumPy array"),
        ([.. "%PDF-"u8], "a PDF document"),
        ([.. "ARROW1"u8], "an Arrow file"),
        ([.. "MATLAB 5.0"u8], "a MATLAB file"),
        ([.. "version https://git-lfs.github.com/spec/"u8], "a Git LFS pointer, in place of the file that Git LFS was to fetch,"),
    ];

    /// <summary>
    /// Looks at the first bytes of a file that is there; links are followed, and what has no length, such as a pipe or a device, is not
    /// opened.
    /// </summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileKind Of(string path)
    {
        if (EncodedFile.Regular(path) is not { } file)
            return new FileKind("empty, or a pipe or a device");
        using var stream = file.OpenRead();
        var start = Start(stream);
        return start is [0x1F, 0x8B, ..] ? OfCompressed(path) : OfStart(start);
    }

    /// <param name="start">The first 512 bytes, or all where there are fewer.</param>
    public static FileKind OfStart(ReadOnlySpan<byte> start)
    {
        if (start is [(byte)'P', (byte)'K', 3 or 5 or 7, 4 or 6 or 8, ..])
            return Zip;
        if (IsTar(start))
            return Tar;
        foreach (var (bytes, words) in Starts)
        {
            if (start.StartsWith(bytes))
                return new FileKind(words);
        }

        var image = ImageKinds.Of(start);
        if (image == ImageKind.Readable || ImageKinds.Unread(image) is not null)
            return new FileKind("a single image");
        return Text(start) is { } text ? OfText(text) : new FileKind("no archive of a known kind");
    }

    private static FileKind OfCompressed(string path)
    {
        try
        {
            using var inner = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            var start = Start(inner);
            var kind = start.Length == 0 ? new FileKind("nothing") : OfStart(start);
            return kind == Tar
                ? CompressedTar
                : new FileKind($"a gzip file that holds {(kind == Zip ? "a zip archive" : kind.Words)} and no tar archive");
        }
        catch (InvalidDataException)
        {
            return new FileKind("a damaged gzip file");
        }
    }

    private static byte[] Start(Stream stream)
    {
        var start = new byte[BlockBytes];
        return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    // A header says ustar, or, in archives of before 1988, nothing but its checksum; two blocks of zeros are an archive without members.
    private static bool IsTar(ReadOnlySpan<byte> start)
    {
        if (start.Length < BlockBytes)
            return false;
        if (start[257..].StartsWith("ustar"u8) || !start.ContainsAnyExcept((byte)0))
            return true;
        var field = start.Slice(148, 8);
        if (start[0] == 0 || field.ContainsAnyExcept(OfChecksum) || !field.ContainsAnyInRange((byte)'0', (byte)'7'))
            return false;
        int said = 0,
            sum = 8 * ' ';
        foreach (var digit in field)
            said = digit is >= (byte)'0' and <= (byte)'7' ? (said * 8) + digit - '0' : said;
        for (var i = 0; i < BlockBytes; i++)
            sum += i is >= 148 and < 156 ? 0 : start[i];
        return said == sum;
    }

    private static string? Text(ReadOnlySpan<byte> start)
    {
        foreach (var letter in start)
        {
            if (letter is < 32 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 12))
                return null;
        }

        // A letter of several bytes may be cut at the end.
        var text = Encoding.UTF8.GetString(start).TrimEnd('\uFFFD');
        return text.Contains('\uFFFD', StringComparison.Ordinal) ? null : text.TrimStart('\uFEFF').TrimStart();
    }

    private static FileKind OfText(string text) =>
        text switch
        {
            _ when text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
                    || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase) => new FileKind("an HTML page"),
            _ when text.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase) => new FileKind("an XML document"),
            _ when text.StartsWith('{') || text.StartsWith('[') => new FileKind("a JSON document or another text"),
            _ => new FileKind("a text file"),
        };
}
