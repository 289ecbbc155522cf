namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>What stands at a name.</summary>
internal enum TreeKind
{
    File,
    Folder,

    /// <summary>A link in an archive, which is not followed.</summary>
    Link,

    /// <summary>A link in a folder to something that is not there.</summary>
    BrokenLink,

    /// <summary>A link in a folder to a folder that is read already, or that the link lies in.</summary>
    RepeatedFolder,

    /// <summary>A device or a pipe in an archive.</summary>
    Special,
}

/// <summary>A file or a folder of a tree.</summary>
/// <param name="Name">From the tree's root, with '/' separators; no part of it is empty, '.' or '..'.</param>
/// <param name="Length">Bytes of a file.</param>
/// <param name="Stamp">Changes when the file does.</param>
/// <param name="Target">Where a link leads.</param>
internal sealed record TreeEntry(string Name, TreeKind Kind, long Length = 0, long Stamp = 0, string? Target = null)
{
    public string Leaf => Name[(Name.LastIndexOf('/') + 1)..];

    /// <summary>The name of a child; the root's name is empty.</summary>
    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    /// <summary>The folder that holds it; empty for the root.</summary>
    public static string FolderOf(string name) => name.LastIndexOf('/') is var end and >= 0 ? name[..end] : "";
}
