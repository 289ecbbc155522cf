using System.Globalization;
using System.IO.Enumeration;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>
/// The files of a folder. Links to files and folders are followed; no folder is read twice below one, so that links in circles end.
/// </summary>
/// <param name="folder">Full path.</param>
internal sealed class FolderTree(string folder) : IFileTree
{
    private const int MaxLinks = 40;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    public string Place => folder;

    public string? Stamp => null;

    public IReadOnlyList<TreeEntry> Top(string folder) => Directory.Exists(FullName(folder)) ? [.. Entries(folder)] : [];

    public IEnumerable<TreeEntry> Below(string folder)
    {
        var real = RealPath(FullName(folder));
        var read = new HashSet<string>(StringComparer.Ordinal);
        // Links come after all that lies there itself: what is reached both ways has one name, whatever the order of the entries.
        var links = new SortedDictionary<string, TreeEntry>(StringComparer.Ordinal);
        foreach (var entry in Walk(folder, real, read, links))
            yield return entry;
        while (links.Count > 0)
        {
            var link = links.First().Value;
            links.Remove(link.Name);
            var target = RealPath(FullName(link.Name));
            if (read.Contains(target) || $"{real}/".StartsWith($"{target.TrimEnd('/')}/", StringComparison.Ordinal))
            {
                yield return link with
                {
                    Kind = TreeKind.RepeatedFolder,
                    Target = target,
                };
                continue;
            }

            foreach (var entry in Walk(link.Name, target, read, links))
                yield return entry;
        }
    }

    public ImageKind Look(TreeEntry file) => EncodedFile.Look(FullName(file.Name));

    public byte[] List(TreeEntry file) => PlainFile.Read(FullName(file.Name), ListFiles.LargestBytes) ?? [];

    public IEnumerable<TreeFile> Read(IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            var file = FullName(names[i]);
            yield return new TreeFile(i, () => EncodedFile.Read(file));
        }
    }

    public string FullName(string name) => Path.Combine(folder, name.Replace('/', Path.DirectorySeparatorChar));

    private IEnumerable<TreeEntry> Walk(string top, string real, HashSet<string> read, SortedDictionary<string, TreeEntry> links)
    {
        var waiting = new Stack<(string Name, string Real)>([(top, real)]);
        while (waiting.TryPop(out var next))
        {
            if (!read.Add(next.Real))
                continue;
            foreach (var entry in Entries(next.Name))
            {
                if (entry.Kind != TreeKind.Folder)
                    yield return entry;
                else if (entry.Target is not null)
                    links[entry.Name] = entry;
                else
                    waiting.Push((entry.Name, $"{next.Real.TrimEnd('/')}/{entry.Leaf}"));
            }
        }
    }

    private FileSystemEnumerable<TreeEntry> Entries(string name) => new(FullName(name), (ref found) => Entry(name, ref found), Everything);

    private static TreeEntry Entry(string folder, ref FileSystemEntry found)
    {
        var name = TreeEntry.Join(folder, found.FileName.ToString());
        var isLink = (found.Attributes & FileAttributes.ReparsePoint) != 0;
        // Of a folder the target is asked for only where the link is followed.
        if (found.IsDirectory)
            return new TreeEntry(name, TreeKind.Folder, Target: isLink ? "" : null);
        if (isLink && EncodedFile.IsBrokenLink(found.ToFullPath()))
            return new TreeEntry(name, TreeKind.BrokenLink, Target: new FileInfo(found.ToFullPath()).LinkTarget);
        return new TreeEntry(name, TreeKind.File, found.Length, found.LastWriteTimeUtc.UtcTicks);
    }

    /// <summary>The path without links, so that one folder has one name.</summary>
    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        var parts = new Stack<string>(Parts(path[real.Length..]).Reverse());
        for (var links = 0; parts.TryPop(out var part); )
        {
            var next = Path.Combine(real, part);
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
            }
            else if (new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MaxLinks)
                    throw new ConfigurationException(
                        string.Create(CultureInfo.InvariantCulture, $"{path}: is behind more than {MaxLinks} links; allowed: fewer")
                    );
                if (Path.IsPathRooted(target))
                    real = Path.GetPathRoot(target)!;
                foreach (var inner in Parts(target[(Path.GetPathRoot(target)?.Length ?? 0)..]).Reverse())
                    parts.Push(inner);
            }
            else
            {
                real = next;
            }
        }

        return real.Replace(Path.DirectorySeparatorChar, '/');
    }

    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part != ".");
}
