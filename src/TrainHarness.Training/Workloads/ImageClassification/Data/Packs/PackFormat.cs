using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs.Validation;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>
/// The bytes of a pack, little-endian: magic, version (int32), length of the metadata (int32), metadata (JSON), zeros up to a multiple of
/// 64, labels (int32 each), pixels (3 × side × side bytes each, red plane first); training examples first, then validation.
/// </summary>
internal static class PackFormat
{
    public const int Version = 2;

    private const int PrefixBytes = 16;
    private const int Alignment = 64;
    private const int LargestMetadataBytes = 16 << 20;

    // About a second of reading.
    private const long ReportedBytes = 256 << 20;
    private const int ChecksumDigits = 64;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        WriteIndented = false,
    };

    private static ReadOnlySpan<byte> Magic => "TH-PACK\n"u8;

    /// <summary>Stands for a checksum that is not known yet and takes as much room, so that the header's length is known first.</summary>
    public static string UnknownChecksum { get; } = new('0', ChecksumDigits);

    public static byte[] Metadata(DatasetPackHeader header) => JsonSerializer.SerializeToUtf8Bytes(header, Json);

    public static PackRegions Regions(DatasetPackHeader header) => Regions(header, Metadata(header).Length);

    public static void WriteHeader(Stream file, DatasetPackHeader header)
    {
        var metadata = Metadata(header);
        var bytes = new byte[Regions(header, metadata.Length).LabelsOffset];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), metadata.Length);
        metadata.CopyTo(bytes, PrefixBytes);
        Write(file, bytes, 0);
    }

    /// <summary>
    /// Reads and checks everything but the payload's checksum. No size is believed before it was compared with the file's length.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is no pack of this version, or its length is not what its header says.</exception>
    public static DatasetPackHeader ReadHeader(SafeFileHandle file)
    {
        var fileLength = RandomAccess.GetLength(file);
        Require(fileLength > PrefixBytes, "it is cut off");
        var prefix = ReadExactly(file, 0, PrefixBytes);
        Require(prefix.AsSpan().StartsWith(Magic), "it is not a pack");
        var version = BinaryPrimitives.ReadInt32LittleEndian(prefix.AsSpan(8));
        if (version != Version)
            throw new OtherPackVersionException(
                string.Create(CultureInfo.InvariantCulture, $"it has format version {version}, not {Version}")
            );
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix.AsSpan(12));
        Require(length > 0 && length <= Math.Min(LargestMetadataBytes, fileLength - PrefixBytes), "its header has an impossible length");
        var metadata = ReadExactly(file, PrefixBytes, length);
        var header = ParseMetadata(metadata);
        if (PackHeaderCheck.Problem(header) is { } problem)
            throw new InvalidDataException(problem);
        // Written again it must be the same bytes: nothing unknown in it, and one header has one length.
        Require(Metadata(header).AsSpan().SequenceEqual(metadata), "its header was not written by this version");
        Require(Regions(header, length).FileLength == fileLength, "its length is not what its header says");
        return header;
    }

    /// <summary>Labels of training examples, then of validation examples.</summary>
    /// <exception cref="InvalidDataException">A label is no index of a class name.</exception>
    public static int[] ReadLabels(SafeFileHandle file, DatasetPackHeader header)
    {
        var labels = new int[header.TrainCount + header.ValidationCount];
        var bytes = ReadExactly(file, Regions(header).LabelsOffset, labels.Length * sizeof(int));
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i * sizeof(int)));
            Require((uint)labels[i] < (uint)header.ClassNames.Count, "it has a label without a class");
        }

        return labels;
    }

    public static void WriteLabels(Stream file, DatasetPackHeader header, ReadOnlySpan<int> labels)
    {
        var bytes = new byte[labels.Length * sizeof(int)];
        for (var i = 0; i < labels.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), labels[i]);
        Write(file, bytes, Regions(header).LabelsOffset);
    }

    /// <param name="pixels">3 × side × side, red plane first.</param>
    public static void WritePixels(Stream file, PackRegions regions, int example, ReadOnlySpan<byte> pixels) =>
        Write(file, pixels, regions.PixelsOffset + ((long)example * regions.ExampleBytes));

    /// <summary>Identifies labels and pixels. Side and counts are hashed too: the same bytes split elsewhere are another dataset.</summary>
    /// <param name="look">Shown every example's position and pixels on the way; null where nobody looks.</param>
    public static string PayloadSha256(
        SafeFileHandle file,
        DatasetPackHeader header,
        Action<int, ReadOnlySpan<byte>>? look,
        IProgress<PreparationProgress>? progress,
        CancellationToken cancellation
    )
    {
        var regions = Regions(header);
        using var hash = new ContentHash();
        hash.Add(header.Side).Add(header.TrainCount).Add(header.ValidationCount);
        hash.Add(ReadExactly(file, regions.LabelsOffset, (int)(regions.PixelsOffset - regions.LabelsOffset)));
        var pixels = new byte[regions.ExampleBytes];
        long reported = 0;
        for (var example = 0; example < header.TrainCount + header.ValidationCount; example++)
        {
            cancellation.ThrowIfCancellationRequested();
            var offset = regions.PixelsOffset + ((long)example * regions.ExampleBytes);
            ReadExactly(file, offset, pixels);
            look?.Invoke(example, pixels);
            hash.Add(pixels);
            if ((offset - regions.PixelsOffset) / ReportedBytes is var now && now > reported)
            {
                reported = now;
                progress?.Report(new PreparationProgress(example, header.TrainCount + header.ValidationCount, IsCheck: true));
            }
        }

        return hash.Finish();
    }

    private static PackRegions Regions(DatasetPackHeader header, int metadataLength)
    {
        long labels = (PrefixBytes + metadataLength + Alignment - 1) / Alignment * Alignment;
        var examples = (long)header.TrainCount + header.ValidationCount;
        var exampleBytes = 3 * header.Side * header.Side;
        var pixels = labels + (examples * sizeof(int));
        return new PackRegions(labels, pixels, pixels + (examples * exampleBytes), exampleBytes);
    }

    private static DatasetPackHeader ParseMetadata(byte[] metadata)
    {
        try
        {
            return JsonSerializer.Deserialize<DatasetPackHeader>(metadata, Json) ?? throw new InvalidDataException("its header is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("its header cannot be read", e);
        }
    }

    private static void Write(Stream file, ReadOnlySpan<byte> bytes, long offset)
    {
        file.Position = offset;
        file.Write(bytes);
    }

    private static byte[] ReadExactly(SafeFileHandle file, long offset, int count)
    {
        var bytes = new byte[count];
        ReadExactly(file, offset, bytes);
        return bytes;
    }

    private static void ReadExactly(SafeFileHandle file, long offset, Span<byte> bytes)
    {
        for (var done = 0; done < bytes.Length; )
        {
            var read = RandomAccess.Read(file, bytes[done..], offset + done);
            Require(read > 0, "it is cut off");
            done += read;
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}

/// <summary>Where the parts of a pack lie, in bytes from its start.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PackRegions(long LabelsOffset, long PixelsOffset, long FileLength, int ExampleBytes);
