using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>A folder in which some archives stand as the folders that they would unpack to.</summary>
/// <param name="stamp">Identity of all that is read; null where only listing shows it.</param>
internal sealed class MountedTree(FolderTree outer, IReadOnlyList<Mount> mounts, string? stamp) : IFileTree
{
    private NameIndex? names;

    public string Place => outer.Place;

    public string? Stamp => stamp;

    private NameIndex Names => names ??= ListMembers();

    public IReadOnlyList<TreeEntry> Top(string folder)
    {
        var mounted = Names.Top(folder);
        var shadowed = mounted.Select(entry => entry.Leaf).ToHashSet(StringComparer.Ordinal);
        return [.. mounted, .. outer.Top(folder).Where(entry => !shadowed.Contains(entry.Leaf) && !IsMounted(entry))];
    }

    public IEnumerable<TreeEntry> Below(string folder) =>
        Names.Below(folder).Concat(MountOf(folder) is null ? outer.Below(folder).Where(entry => !IsMounted(entry)) : []);

    public ImageKind Look(TreeEntry file) => MountOf(file.Name) is null ? outer.Look(file) : Names.Look(file.Name);

    public byte[] List(TreeEntry file) => MountOf(file.Name) is null ? outer.List(file) : Names.List(file.Name);

    public IEnumerable<TreeFile> Read(IReadOnlyList<string> wanted)
    {
        foreach (var group in wanted.Select((name, index) => (Name: name, Index: index)).GroupBy(file => MountOf(file.Name)))
        {
            var files = group.ToList();
            if (group.Key is { } mount)
            {
                foreach (var file in ReadMounted(mount, files.ToDictionary(file => file.Name, file => file.Index, StringComparer.Ordinal)))
                    yield return file;
            }
            else
            {
                foreach (var file in outer.Read([.. files.Select(file => file.Name)]))
                    yield return file with
                    {
                        Index = files[file.Index].Index,
                    };
            }
        }
    }

    private IEnumerable<TreeFile> ReadMounted(Mount mount, Dictionary<string, int> indices)
    {
        foreach (var (name, member) in mount.Members(Names))
        {
            if (member.Kind != TreeKind.File || !indices.Remove(name, out var index))
                continue;
            var bytes = member.Bytes();
            yield return new TreeFile(index, () => bytes);
            if (indices.Count == 0)
                yield break;
        }

        throw new ConfigurationException($"{mount.Archive}: {indices.Keys.First()} is gone; the archive was changed while it was read");
    }

    private NameIndex ListMembers()
    {
        var found = new NameIndex(outer.Place);
        foreach (var mount in mounts)
        {
            var written = File.GetLastWriteTimeUtc(mount.Archive).Ticks;
            foreach (var (name, member) in mount.Members(found))
                found.Add(member, name, written);
        }

        return found;
    }

    private Mount? MountOf(string name) =>
        mounts.FirstOrDefault(mount =>
            name.StartsWith(mount.Folder, StringComparison.Ordinal)
            && (name.Length == mount.Folder.Length || name[mount.Folder.Length] == '/')
        );

    private bool IsMounted(TreeEntry entry) => mounts.Any(mount => mount.Archive == outer.FullName(entry.Name));
}
