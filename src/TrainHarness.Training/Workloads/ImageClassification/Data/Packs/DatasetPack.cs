using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

/// <summary>
/// A dataset or a declared part of it, decoded once: uint8 pixels in planes (red, green, blue), side × side, in a memory-mapped file that
/// is only read. Safe for many threads.
/// </summary>
public sealed class DatasetPack : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly (long Length, DateTime Written) opened;
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly PackRegions regions;
    private readonly int[] labels;

    private DatasetPack(string path, SafeFileHandle handle, MemoryMappedFile file, DatasetPackHeader header, int[] labels)
    {
        this.handle = handle;
        opened = Stamp();
        this.file = file;
        this.labels = labels;
        FilePath = path;
        PassedOver = header.PassedOver;
        Remarks = header.Remarks ?? [];
        Header = header;
        regions = PackFormat.Regions(header);
        view = file.CreateViewAccessor(0, regions.FileLength, MemoryMappedFileAccess.Read);
    }

    public DatasetPackHeader Header { get; }

    /// <summary>How many files of the source were not read, by reason; null where it is not known.</summary>
    public IReadOnlyDictionary<string, int>? PassedOver { get; private set; }

    /// <summary>The same for people; null where there is nothing to say.</summary>
    public string? PassedOverWords => PassedOver is null ? null : Data.PassedOver.Words(PassedOver);

    /// <summary>Lines about how the source was read, for people.</summary>
    public IReadOnlyList<string> Remarks { get; private set; }

    /// <summary>Where the pack lies.</summary>
    public string FilePath { get; }

    /// <summary>SHA-256 that identifies pixels and labels, 64 lower-case hexadecimal digits.</summary>
    public string Fingerprint => Header.PayloadSha256;

    /// <summary>
    /// Tells whether another process that opens the same path has the same file before it: the fingerprint, the length and the last change.
    /// </summary>
    public string Identity => FormattableString.Invariant($"{Fingerprint} {opened.Length} {opened.Written.Ticks}");

    /// <summary>Indices of <see cref="DatasetPackHeader.ClassNames"/>, one per example.</summary>
    public ReadOnlySpan<int> Labels(Split split) => labels.AsSpan(FirstOf(split), CountOf(split));

    /// <summary>Copies examples in the order of <paramref name="indices"/>.</summary>
    /// <param name="indices">Positions within the split; each may come more than once.</param>
    /// <param name="destination">indices.Length × 3 × Side × Side bytes.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the split.</exception>
    public void Copy(Split split, ReadOnlySpan<int> indices, Span<byte> destination)
    {
        if (destination.Length != (long)indices.Length * regions.ExampleBytes)
            throw new ArgumentException(
                $"{indices.Length} examples have {(long)indices.Length * regions.ExampleBytes} bytes, not {destination.Length}.",
                nameof(destination)
            );
        var first = FirstOf(split);
        var count = CountOf(split);
        for (var i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)count)
                throw new ArgumentOutOfRangeException(nameof(indices), indices[i], $"The split has {count} examples.");
            var offset = regions.PixelsOffset + ((long)(first + indices[i]) * regions.ExampleBytes);
            view.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, destination.Slice(i * regions.ExampleBytes, regions.ExampleBytes));
        }
    }

    /// <summary>
    /// Passes while nobody has written to the file that is being read. One that was replaced or deleted is still read as it was.
    /// </summary>
    /// <exception cref="IOException">Somebody has.</exception>
    public void RequireUnchanged()
    {
        if (Stamp() != opened)
            throw new IOException(
                $"{FilePath}: the stored dataset was changed while it was being read; nothing that was trained on it since then is kept."
            );
    }

    /// <summary>Takes from the source what the header does not say, or said of what lay there before.</summary>
    internal void Describe(IExampleSource source)
    {
        PassedOver = source.PassedOver;
        Remarks = source.Remarks;
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
        handle.Dispose();
    }

    private (long Length, DateTime Written) Stamp() => (RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));

    /// <summary>Opens a pack that is there and may be used.</summary>
    /// <param name="allowUnreadable">How many images it may lack.</param>
    /// <param name="verify">Also reads the whole payload and compares its checksum.</param>
    /// <param name="rejection">Why the file may not be used; null where it may, and where there is none.</param>
    internal static DatasetPack? TryOpen(
        string path,
        string stamp,
        int allowUnreadable,
        bool verify,
        IProgress<PreparationProgress>? progress,
        CancellationToken cancellation,
        out string? rejection
    )
    {
        rejection = null;
        if (!File.Exists(path))
            return null;
        try
        {
            var pack = Open(path, stamp, verify, progress, cancellation);
            if (pack.Header.Unreadable.Count <= allowUnreadable)
                return pack;
            pack.Dispose();
            rejection =
                $"{path} is packed again: it lacks {pack.Header.Unreadable.Count} images that cannot be decoded, and the dataset file "
                + $"allows {allowUnreadable}";
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            rejection = $"{path} is packed again: {e.Message}";
            return null;
        }
    }

    /// <exception cref="InvalidDataException">The file is no pack of this source, or is damaged.</exception>
    internal static DatasetPack Open(
        string path,
        string stamp,
        bool verify,
        IProgress<PreparationProgress>? progress,
        CancellationToken cancellation
    )
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            var header = PackFormat.ReadHeader(handle);
            if (header.SourceStamp != stamp)
                throw new InvalidDataException("it was made from something else");
            var labels = PackFormat.ReadLabels(handle, header);
            if (verify && PackFormat.PayloadSha256(handle, header, look: null, progress, cancellation) != header.PayloadSha256)
                throw new InvalidDataException("its content is not what its checksum says");
            var file = MemoryMappedFile.CreateFromFile(
                handle,
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: true
            );
            return new DatasetPack(path, handle, file, header, labels);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private int FirstOf(Split split) => split == Split.Train ? 0 : Header.TrainCount;

    private int CountOf(Split split) => split == Split.Train ? Header.TrainCount : Header.ValidationCount;
}
