using System.Formats.Tar;
using System.Globalization;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>A member of a tar archive. Its bytes can be read until the next is asked for.</summary>
internal sealed class TarMember(TarEntry entry, TarMembers members)
{
    private readonly SparseLayout? sparse = SparseLayout.Of(entry);

    /// <summary>As it is written, also where a sparse member is stored under another.</summary>
    public string Name => sparse?.Name ?? entry.Name;

    public TreeKind Kind =>
        entry.EntryType switch
        {
            TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => TreeKind.File,
            TarEntryType.HardLink or TarEntryType.SymbolicLink => TreeKind.Link,
            TarEntryType.Directory or TarEntryType.DirectoryList => TreeKind.Folder,
            TarEntryType.CharacterDevice or TarEntryType.BlockDevice or TarEntryType.Fifo or TarEntryType.TapeVolume => TreeKind.Special,
            _ => throw members.Refusal(
                $"member {Name} is of a kind that is not read ({entry.EntryType}); allowed: regular files, without holes (tar without -S)"
            ),
        };

    /// <summary>Bytes of the whole file, holes included.</summary>
    public long Length => sparse?.Length ?? entry.Length;

    /// <exception cref="ConfigurationException">The archive is damaged.</exception>
    public byte[] Bytes() =>
        members.Guarded(() =>
        {
            if (Length > Array.MaxLength)
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{Name} has {Length} bytes."));
            var bytes = new byte[Length];
            if (sparse is not null)
                sparse.Fill(bytes, Content());
            else
                entry.DataStream?.ReadExactly(bytes);
            return bytes;
        });

    public ImageKind Look() =>
        members.Guarded(() =>
        {
            // A hole at the start of a sparse image is no image's start.
            if (sparse is not null)
                return Length <= ImageLayout.LargestImageBytes
                    ? ImageKinds.Of(Bytes().AsSpan(0, (int)Math.Min(Length, ImageKinds.LookedAt)))
                    : ImageKind.None;
            var start = new byte[ImageKinds.LookedAt];
            return ImageKinds.Of(start.AsSpan(0, Content().ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
        });

    /// <summary>For an archive in the archive.</summary>
    public Stream Content() => entry.DataStream ?? Stream.Null;
}
