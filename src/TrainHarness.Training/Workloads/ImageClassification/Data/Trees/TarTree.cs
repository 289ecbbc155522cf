using System.IO.Compression;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>
/// The members of a tar archive, compressed with gzip or not. Each look at its names and each reading is one pass over it.
/// </summary>
/// <param name="archive">Full path of a file that is there.</param>
internal sealed class TarTree(string archive, bool isCompressed) : IFileTree
{
    private readonly TarMembers members = new(archive);
    private NameIndex? names;

    public string Place => archive;

    public string Stamp { get; } = StampOf(archive);

    private NameIndex Names => names ??= ListMembers();

    /// <summary>Its name, length and last change.</summary>
    public static string StampOf(string archive)
    {
        var file = new FileInfo(archive);
        using var hash = new ContentHash();
        return hash.Add(archive).Add(file.Length).Add(file.LastWriteTimeUtc.Ticks).Finish();
    }

    /// <summary>The archive's members from its start; bytes are read before the next is asked for.</summary>
    public static IEnumerable<TarMember> Members(string archive, bool isCompressed) =>
        new TarMembers(archive).Of(() => Open(archive, isCompressed));

    public IReadOnlyList<TreeEntry> Top(string folder) => Names.Top(folder);

    public IEnumerable<TreeEntry> Below(string folder) => Names.Below(folder);

    public ImageKind Look(TreeEntry file) => Names.Look(file.Name);

    public byte[] List(TreeEntry file) => Names.List(file.Name);

    public IEnumerable<TreeFile> Read(IReadOnlyList<string> wanted)
    {
        var indices = new Dictionary<string, int>(wanted.Count, StringComparer.Ordinal);
        for (var i = 0; i < wanted.Count; i++)
            indices.Add(wanted[i], i);
        foreach (var member in members.Of(() => Open(archive, isCompressed)))
        {
            // The name leaves the dictionary once it was read; what remains at the end was not in the archive any more.
            if (member.Kind != TreeKind.File || Names.NameOf(member.Name) is not { } name || !indices.Remove(name, out var index))
                continue;
            var bytes = member.Bytes();
            yield return new TreeFile(index, () => bytes);
            if (indices.Count == 0)
                yield break;
        }

        throw new ConfigurationException($"{archive}: {indices.Keys.First()} is gone; the archive was changed while it was read");
    }

    /// <summary>Its bytes, without the compression.</summary>
    public static Stream Open(string archive, bool isCompressed)
    {
        var file = File.OpenRead(archive);
        return isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private NameIndex ListMembers()
    {
        var found = new NameIndex(archive);
        foreach (var member in members.Of(() => Open(archive, isCompressed)))
        {
            if (found.NameOf(member.Name) is { } name)
                found.Add(member, name, stamp: 0);
        }

        return found;
    }
}
