using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>Where the files of one form of CIFAR lie: in a folder, or in the archive in which they are given out.</summary>
internal sealed class CifarFiles
{
    // The training images of CIFAR-100 take 155 MB; text for Python 2 can take more.
    private const int LargestBytes = 512 << 20;

    // There are eight in an archive; some programs add one of their own for each.
    private const int MaxMembers = 1_000;
    private const int FirstMembers = 8;

    private readonly bool isArchive;

    private CifarFiles(string place, bool isArchive, CifarVersion version)
    {
        Place = place;
        this.isArchive = isArchive;
        Version = version;
    }

    public CifarVersion Version { get; }

    /// <summary>The folder or the archive.</summary>
    public string Place { get; }

    /// <summary>Changes when a file does.</summary>
    public string Stamp
    {
        get
        {
            using var hash = new ContentHash();
            hash.Add(Place);
            foreach (var file in isArchive ? [Place] : Version.Files.Select(name => Path.Combine(Place, name)).Where(File.Exists))
                hash.Add(file).Add(new FileInfo(file).Length).Add(File.GetLastWriteTimeUtc(file).Ticks);
            return hash.Finish();
        }
    }

    /// <summary>
    /// What lies at the path: the files, the folder or the archive with them, or a folder with one of these. Null where there is no CIFAR.
    /// </summary>
    /// <exception cref="ConfigurationException">Several forms lie there.</exception>
    public static CifarFiles? At(string path)
    {
        if (!Directory.Exists(path))
            return OfArchive(path);
        List<CifarFiles> found = OfFolder(path) is { } here
            ? [here]
            : [.. CifarVersion.All.Select(version => Below(path, version)).OfType<CifarFiles>()];
        return found.Count < 2
            ? found.FirstOrDefault()
            : throw new ConfigurationException(
                $"{path}: holds {found[0].Version.Name} and {found[1].Version.Name}; allowed: the path of one of them"
            );
    }

    /// <summary>The files with these names, each once and read whole, in the order in which they lie there.</summary>
    /// <exception cref="ConfigurationException">One is missing, too large or cannot be read.</exception>
    public IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> Read(IReadOnlyCollection<string> names)
    {
        MemoryBound.Hold();
        var left = names.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, content) in isArchive ? Members(left) : FilesOf(names))
        {
            if (!left.Remove(name))
                throw new ConfigurationException($"{Place}: {name} is there twice; allowed: each file once");
            yield return (name, content);
        }

        if (left.Count > 0)
            throw Missing(Version.Files.Where(left.Contains));
    }

    /// <summary>An error in one of the files, in one line.</summary>
    public ConfigurationException Unreadable(string name, Exception error) =>
        new(
            error is OutOfMemoryException
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{NameOf(name)}: cannot be read: it takes more than {MemoryBound.Hold() >> 20} MiB of memory."
                )
                : $"{NameOf(name)}: cannot be read: {error.Message.ReplaceLineEndings(" ")}",
            error
        );

    /// <summary>How messages name one of the files.</summary>
    public string NameOf(string name) => isArchive ? $"{Place}: {name}" : Path.Combine(Place, name);

    private static CifarFiles? OfFolder(string folder)
    {
        var names = CifarVersion
            .All.SelectMany(version => version.Files)
            .Where(name => File.Exists(Path.Combine(folder, name)))
            .ToHashSet(StringComparer.Ordinal);
        CifarVersion[] found = [.. CifarVersion.All.Where(version => version.IsAmong(names))];
        if (found.Length > 1)
            throw new ConfigurationException($"{folder}: holds {found[0].Name} and {found[1].Name}; allowed: a folder for each");
        return found.Length == 1 ? new CifarFiles(Path.GetFullPath(folder), isArchive: false, found[0]) : null;
    }

    private static CifarFiles? Below(string folder, CifarVersion version)
    {
        var unpacked = Path.Combine(folder, version.Folder);
        if (Directory.Exists(unpacked) && OfFolder(unpacked) is { } found && found.Version == version)
            return found;
        return OfArchive(Path.Combine(folder, version.Archive));
    }

    // By what the archive holds, whatever it is called.
    private static CifarFiles? OfArchive(string path)
    {
        try
        {
            if (PlainFile.Length(path) is null or 0)
                return null;
            using var reader = OpenArchive(path);
            for (var i = 0; i < FirstMembers && reader.GetNextEntry() is { } entry; i++)
            {
                var parts = Parts(entry);
                if (CifarVersion.All.FirstOrDefault(version => parts.Contains(version.Folder, StringComparer.Ordinal)) is { } version)
                    return new CifarFiles(Path.GetFullPath(path), isArchive: true, version);
            }
        }
        catch (Exception e) when (IsDamage(e) || e is OutOfMemoryException)
        {
            // What cannot be read is no CIFAR; those who read other archives say what is wrong with it.
        }

        return null;
    }

    private static TarReader OpenArchive(string path)
    {
        MemoryBound.Hold();
        Stream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[2];
        var read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        var compressed = read == magic.Length && magic.SequenceEqual<byte>([0x1F, 0x8B]);
        file.Position = 0;
        return new TarReader(compressed ? new GZipStream(file, CompressionMode.Decompress) : file);
    }

    private static string[] Parts(TarEntry entry) => [.. entry.Name.Split('/').Where(part => part is not ("" or "."))];

    private static bool IsDamage(Exception e) =>
        e
            is IOException
                or InvalidDataException
                or FormatException
                or UnauthorizedAccessException
                or NotSupportedException
                or ArithmeticException
                or ArgumentException
                or InvalidOperationException;

    private IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> FilesOf(IReadOnlyCollection<string> names)
    {
        string[] absent = [.. Version.Files.Where(name => names.Contains(name) && !PlainFile.Exists(Path.Combine(Place, name)))];
        if (absent.Length > 0)
            throw Missing(absent);
        foreach (var name in Version.Files.Where(names.Contains))
            yield return (name, PlainFile.Read(Path.Combine(Place, name), LargestBytes));
    }

    private IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> Members(HashSet<string> names)
    {
        string[] wanted = [.. names];
        using var reader = Guarded(() => OpenArchive(Place));
        for (var members = 0; Guarded(() => reader.GetNextEntry()) is { } entry; members++)
        {
            if (members == MaxMembers)
                throw new ConfigurationException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{Place}: has more than {MaxMembers} members, which {Version.Name} does not"
                    )
                );
            var parts = Parts(entry);
            if (parts.Length >= 2 && parts[^2] == Version.Folder && wanted.Contains(parts[^1], StringComparer.Ordinal))
                yield return (parts[^1], Guarded(() => Content(entry, parts[^1])));
        }
    }

    private byte[] Content(TarEntry entry, string name)
    {
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
            throw new ConfigurationException($"{NameOf(name)} is no regular file; allowed: regular files");
        if (entry.Length > LargestBytes)
            throw new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"{NameOf(name)} has {entry.Length} bytes; allowed: at most {LargestBytes}")
            );
        var bytes = new byte[entry.Length];
        entry.DataStream?.ReadExactly(bytes);
        return bytes;
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new ConfigurationException($"{Place}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Place}: cannot be read: a member of it takes more than {MemoryBound.Hold() >> 20} MiB of memory."
                ),
                e
            );
        }
    }

    private ConfigurationException Missing(IEnumerable<string> names) =>
        new($"{Place}: {string.Join(", ", names)} of {Version.Name} is missing; allowed: {string.Join(", ", Version.Files)}");
}
