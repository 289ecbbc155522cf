using System.IO.Compression;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>The members of a zip archive.</summary>
/// <param name="archive">Full path of a file that is there.</param>
internal sealed class ZipTree(string archive) : IFileTree
{
    // The upper half of a member's attributes, where it was made on Unix: S_IFMT and S_IFLNK of stat(2).
    private const int UnixKinds = 0xF000;
    private const int UnixLink = 0xA000;

    private readonly long written = File.GetLastWriteTimeUtc(archive).Ticks;
    private NameIndex? names;

    public string Place => archive;

    public string? Stamp => null;

    private NameIndex Names => names ??= Guarded(ListMembers);

    public IReadOnlyList<TreeEntry> Top(string folder) => Names.Top(folder);

    public IEnumerable<TreeEntry> Below(string folder) => Names.Below(folder);

    public ImageKind Look(TreeEntry file) => Names.Look(file.Name);

    public byte[] List(TreeEntry file) => Names.List(file.Name);

    public IEnumerable<TreeFile> Read(IReadOnlyList<string> wanted)
    {
        using var opened = Guarded(() => ZipFile.OpenRead(archive));
        var members = Guarded(() =>
            opened
                .Entries.GroupBy(member => Names.NameOf(NameOf(member)) ?? "", StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal)
        );
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!members.TryGetValue(wanted[i], out var member))
                throw new ConfigurationException($"{archive}: {wanted[i]} is gone; the archive was changed while it was read");
            var bytes = Guarded(() => Bytes(member, (int)Math.Min(member.Length, ImageLayout.LargestImageBytes)));
            yield return new TreeFile(i, () => bytes);
        }
    }

    private NameIndex ListMembers()
    {
        using var opened = ZipFile.OpenRead(archive);
        var found = new NameIndex(archive);
        foreach (var member in opened.Entries)
        {
            if (found.NameOf(NameOf(member)) is not { } name)
                continue;
            var entry = new TreeEntry(name, KindOf(member), member.Length, written);
            found.Add(entry);
            if (entry.Kind != TreeKind.File)
                continue;
            if (member.IsEncrypted)
                throw new ConfigurationException($"{archive}: {name} is encrypted; allowed: members without a password");
            if (ListFiles.IsOne(entry.Leaf))
                found.Keep(
                    name,
                    member.Length <= ListFiles.LargestBytes ? Bytes(member, (int)member.Length) : throw found.TooLong(name, member.Length)
                );
            else if (ImageNames.NeedsLook(entry.Leaf))
                found.Keep(name, ImageKinds.Of(Bytes(member, (int)Math.Min(member.Length, ImageKinds.LookedAt))));
        }

        return found;
    }

    // Some programs write names as Windows has them.
    private static string NameOf(ZipArchiveEntry member) =>
        member.FullName.Contains('/', StringComparison.Ordinal) ? member.FullName : member.FullName.Replace('\\', '/');

    private static TreeKind KindOf(ZipArchiveEntry member) =>
        NameOf(member).EndsWith('/') ? TreeKind.Folder
        : ((member.ExternalAttributes >> 16) & UnixKinds) == UnixLink ? TreeKind.Link
        : TreeKind.File;

    private static byte[] Bytes(ZipArchiveEntry member, int count)
    {
        var bytes = new byte[count];
        using var stream = member.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    // ZipArchive throws all of these where it meets numbers that cannot be.
    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or InvalidDataException
                        or NotSupportedException
                        or ArithmeticException
                        or ArgumentException
            )
        {
            throw new ConfigurationException($"{archive}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
