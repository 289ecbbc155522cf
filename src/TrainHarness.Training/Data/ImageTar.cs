using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Data;

/// <summary>The layout of <see cref="ImageFolder"/> in a .tar, .tar.gz or .tgz, at its root or under one leading folder.</summary>
internal sealed class ImageTar : IExampleSource
{
    private static readonly string[] Plain = [".tar"];
    private static readonly string[] Compressed = [".tar.gz", ".tgz"];

    // All of ImageNet has 1.4 million.
    private const int MostMembers = 20_000_000;

    private readonly string archive;
    private IReadOnlyList<ExampleEntry>? entries;

    // What comes before train/ and val/ in the archive's own names; known once the archive was listed.
    private string root = "";

    /// <exception cref="ConfigurationException">The archive is missing or is of another kind.</exception>
    public ImageTar(string path)
    {
        archive = Path.GetFullPath(path);
        if (!HasExtension(Plain) && !HasExtension(Compressed))
            throw new ConfigurationException($"{archive}: not an archive that can be read; allowed: {string.Join(", ", [.. Plain, .. Compressed])}");
        var file = new FileInfo(archive);
        if (!file.Exists)
            throw new ConfigurationException($"{archive}: no such file; allowed: an archive with train/CLASS/IMAGE and val/CLASS/IMAGE");
        using var hash = new ContentHash();
        Stamp = hash.Add(archive).Add(file.Length).Add(file.LastWriteTimeUtc.Ticks).Finish();
    }

    public string Stamp { get; }

    public IReadOnlyList<ExampleEntry> List() => entries ??= ReadLayout();

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        List();
        var indices = new Dictionary<string, int>(chosen.Count, StringComparer.Ordinal);
        for (int i = 0; i < chosen.Count; i++)
            indices.Add(chosen[i].Name, i);
        foreach (var (name, encoded) in Contents(indices))
        {
            // The name leaves the dictionary once it was read; what remains at the end was not in the archive any more.
            indices.Remove(name, out int index);
            yield return new PendingExample(index, (side, destination) => EncodedImage.Render(encoded, side, destination));
            if (indices.Count == 0)
                yield break;
        }

        throw new ConfigurationException($"{archive}: {indices.Keys.First()} is gone; the archive was changed while it was read");
    }

    private bool HasExtension(string[] extensions) => extensions.Any(extension => archive.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    private IReadOnlyList<ExampleEntry> ReadLayout()
    {
        List<TarName> images = [];
        List<TarName> folders = [];
        using var reader = OpenReader();
        for (int members = 0; Next(reader) is { } entry; members++)
        {
            if (members == MostMembers)
                throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{archive}: has more than {MostMembers} members"));
            if (TarName.OfImage(entry) is { } image)
                images.Add(image);
            else if (TarName.OfFolder(entry) is { } folder)
                folders.Add(folder);
        }

        root = OnlyRoot(images);
        return Layout(images, folders).Entries();
    }

    private string OnlyRoot(List<TarName> images)
    {
        string[] roots = [.. images.Select(image => image.Root).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (roots.Length > 1)
            throw new ConfigurationException($"{archive}: train/ or val/ is under '{roots[0]}' and under '{roots[1]}'; allowed: one place");
        return roots.FirstOrDefault() ?? "";
    }

    private ImageLayout Layout(List<TarName> images, List<TarName> folders)
    {
        var layout = new ImageLayout(archive);
        foreach (var folder in folders.Where(folder => folder.Root == root))
            layout.AddClass(folder.Split, folder.ClassName);
        foreach (var image in images)
        {
            if (image.IsLink)
                throw new ConfigurationException($"{archive}: {image.Root}{image.FileName} of class {image.ClassName} is a link; allowed: regular files");
            layout.AddImage(image.Split, image.ClassName, image.FileName, image.Length);
        }

        return layout;
    }

    private IEnumerable<(string Name, byte[] Encoded)> Contents(Dictionary<string, int> wanted)
    {
        using var reader = OpenReader();
        while (Next(reader) is { } entry)
        {
            if (TarName.OfImage(entry) is { } image && image.Root == root && wanted.ContainsKey(image.Name))
                yield return (image.Name, Bytes(entry));
        }
    }

    private TarReader OpenReader() => Guarded(() =>
    {
        // The library makes room for names and attributes of any length that a member claims.
        MemoryBound.Hold();
        Stream stream = File.OpenRead(archive);
        return new TarReader(HasExtension(Compressed) ? new GZipStream(stream, CompressionMode.Decompress) : stream);
    });

    private TarEntry? Next(TarReader reader) => Guarded(() => reader.GetNextEntry());

    private byte[] Bytes(TarEntry entry) => Guarded(() =>
    {
        byte[] bytes = new byte[entry.Length];
        entry.DataStream?.ReadExactly(bytes);
        return bytes;
    });

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or UnauthorizedAccessException or NotSupportedException or ArithmeticException or ArgumentException or InvalidOperationException)
        {
            throw new ConfigurationException($"{archive}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{archive}: cannot be read: a member of it takes more than {MemoryBound.Hold() >> 20} MiB of memory."), e);
        }
    }

    /// <summary>A name inside the archive, taken apart from its end: ROOT/SPLIT/CLASS/FILE.</summary>
    private sealed record TarName(string Root, Split Split, string ClassName, string FileName, long Length, bool IsLink)
    {
        public string Name => $"{ImageLayout.FolderOf(Split)}/{ClassName}/{FileName}";

        public static TarName? OfImage(TarEntry entry)
        {
            string[] parts = Parts(entry);
            if (!IsFile(entry) || parts.Length < 3 || !ImageLayout.IsImage(parts[^1]))
                return null;
            return Of(parts[..^1], parts[^1], entry);
        }

        public static TarName? OfFolder(TarEntry entry)
        {
            string[] parts = Parts(entry);
            return entry.EntryType == TarEntryType.Directory && parts.Length >= 2 ? Of(parts, "", entry) : null;
        }

        private static TarName? Of(string[] folder, string fileName, TarEntry entry)
        {
            if (ImageLayout.IsHidden(folder[^1]) || SplitOf(folder[^2]) is not { } split)
                return null;
            string root = string.Concat(folder[..^2].Select(part => part + "/"));
            return new TarName(root, split, folder[^1], fileName, entry.Length, IsLinkEntry(entry));
        }

        private static string[] Parts(TarEntry entry) => [.. entry.Name.Split('/').Where(part => part is not ("" or "."))];

        private static bool IsFile(TarEntry entry) =>
            entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile || IsLinkEntry(entry);

        private static bool IsLinkEntry(TarEntry entry) => entry.EntryType is TarEntryType.HardLink or TarEntryType.SymbolicLink;

        private static Split? SplitOf(string folder) => folder switch
        {
            ImageLayout.TrainFolder => Data.Split.Train,
            ImageLayout.ValidationFolder => Data.Split.Validation,
            _ => null,
        };
    }
}
