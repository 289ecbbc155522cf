namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>A tar archive that stands for a folder, and archives in it that stand for folders in that.</summary>
/// <param name="Folder">Name of the folder in the tree. Where the archive's own names begin with it, they do not do so twice.</param>
/// <param name="Archive">Full path.</param>
internal sealed record Mount(string Folder, string Archive, bool IsCompressed)
{
    private const string Tar = ".tar";

    /// <summary>Null for a file that is no tar archive.</summary>
    public static Mount? Of(string folder, string archive)
    {
        var kind = FileKind.Of(archive);
        return kind == FileKind.Tar || kind == FileKind.CompressedTar ? new Mount(folder, archive, kind == FileKind.CompressedTar) : null;
    }

    /// <summary>Its members with their names in the tree, in one pass; bytes are read before the next is asked for.</summary>
    public IEnumerable<(string Name, TarMember Member)> Members(NameIndex names)
    {
        var outer = new TarMembers(Archive);
        foreach (var member in outer.Of(() => TarTree.Open(Archive, IsCompressed)))
        {
            if (names.NameOf(member.Name) is not { } written)
                continue;
            var name = Inside(written);
            if (member.Kind != TreeKind.File || !name.EndsWith(Tar, StringComparison.OrdinalIgnoreCase))
            {
                if (name.Length > 0)
                    yield return (TreeEntry.Join(Folder, name), member);
                continue;
            }

            // An empty class is a class all the same, and is refused as one.
            var folder = TreeEntry.Join(Folder, name[..^Tar.Length]);
            foreach (var inner in new TarMembers($"{Archive}: {written}").Of(() => member.Content()))
            {
                if (names.NameOf(inner.Name) is { } file)
                    yield return (TreeEntry.Join(folder, file), inner);
            }
        }
    }

    private string Inside(string name)
    {
        var leaf = Folder[(Folder.LastIndexOf('/') + 1)..];
        if (name == leaf)
            return "";
        return name.StartsWith($"{leaf}/", StringComparison.Ordinal) ? name[(leaf.Length + 1)..] : name;
    }
}
