using System.Globalization;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>The members of an archive as the tree that their names make.</summary>
/// <param name="place">Archive that messages name.</param>
internal sealed class NameIndex(string place)
{
    // All of ImageNet has 1.4 million.
    private const int MaxMembers = 20_000_000;

    private readonly Dictionary<string, Dictionary<string, TreeEntry>> folders = new(StringComparer.Ordinal) { [""] = [] };
    private readonly Dictionary<string, ImageKind> looks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> lists = new(StringComparer.Ordinal);
    private long listBytes;
    private int members;

    /// <summary>The name as a tree has it; null for the root.</summary>
    /// <exception cref="ConfigurationException">It climbs out of the archive.</exception>
    public string? NameOf(string written)
    {
        string[] parts = [.. written.Split('/').Where(part => part is not ("" or "."))];
        if (parts.Contains(".."))
            throw new ConfigurationException($"{place}: member {written} climbs out of the archive; allowed: names without '..'");
        return parts.Length == 0 ? null : string.Join('/', parts);
    }

    /// <exception cref="ConfigurationException">A file of that name is there, or there are too many.</exception>
    public void Add(TreeEntry entry)
    {
        if (++members > MaxMembers)
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{place}: has more than {MaxMembers} members"));
        var siblings = FolderAt(TreeEntry.FolderOf(entry.Name));
        if (entry.Kind == TreeKind.Folder)
            FolderAt(entry.Name);
        else if (!siblings.TryAdd(entry.Leaf, entry))
            throw new ConfigurationException($"{place}: {entry.Name} is there twice; allowed: each name once");
    }

    /// <summary>Adds a member that can be read now, with what has to be known of it later.</summary>
    public void Add(TarMember member, string name, long stamp)
    {
        var entry = new TreeEntry(name, member.Kind, member.Length, stamp);
        Add(entry);
        if (member.Kind != TreeKind.File)
            return;
        if (ListFiles.IsOne(entry.Leaf))
            Keep(name, member.Length <= ListFiles.LargestBytes ? member.Bytes() : throw TooLong(name, member.Length));
        else if (ImageNames.NeedsLook(entry.Leaf))
            Keep(name, member.Look());
    }

    /// <summary>Keeps what is read while the archive is listed and asked for later.</summary>
    public void Keep(string name, ImageKind look) => looks[name] = look;

    /// <exception cref="ConfigurationException">The lists hold too much.</exception>
    public void Keep(string name, byte[] list)
    {
        listBytes += list.LongLength;
        if (listBytes > ListFiles.LargestBytes)
            throw new ConfigurationException(
                $"{place}: {name} and other lists have {listBytes} bytes; allowed: at most {ListFiles.LargestBytes}"
            );
        lists[name] = list;
    }

    public ImageKind Look(string name) => looks[name];

    public byte[] List(string name) => lists[name];

    public IReadOnlyList<TreeEntry> Top(string folder) => folders.TryGetValue(folder, out var entries) ? [.. entries.Values] : [];

    public IEnumerable<TreeEntry> Below(string folder)
    {
        var waiting = new Stack<string>([folder]);
        while (waiting.TryPop(out var next))
        {
            foreach (var entry in Top(next))
            {
                if (entry.Kind == TreeKind.Folder)
                    waiting.Push(entry.Name);
                else
                    yield return entry;
            }
        }
    }

    /// <summary>What a list that is too long is refused with.</summary>
    public ConfigurationException TooLong(string name, long bytes) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{place}: {name} has {bytes} bytes; allowed: at most {ListFiles.LargestBytes}"));

    private Dictionary<string, TreeEntry> FolderAt(string name)
    {
        if (folders.TryGetValue(name, out var entries))
            return entries;
        var added = new TreeEntry(name, TreeKind.Folder);
        if (!FolderAt(TreeEntry.FolderOf(name)).TryAdd(added.Leaf, added))
            throw new ConfigurationException($"{place}: {name} is a file and a folder; allowed: each name once");
        return folders[name] = [];
    }
}
