namespace TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

/// <summary>
/// Files by their names, whatever holds them: a folder, an archive, archives in a folder. How the names are laid out is not its concern.
/// </summary>
internal interface IFileTree
{
    /// <summary>Full path of the folder or the archive, for messages.</summary>
    string Place { get; }

    /// <summary>Cheap identity on this machine; null where only the stamps of all that is read say it.</summary>
    string? Stamp { get; }

    /// <summary>Folders and files directly in a folder; empty where there is no such folder. The root's name is empty.</summary>
    IReadOnlyList<TreeEntry> Top(string folder);

    /// <summary>Everything below a folder that is no folder, at any depth, once.</summary>
    IEnumerable<TreeEntry> Below(string folder);

    /// <summary>What a file's first bytes say that it is.</summary>
    ImageKind Look(TreeEntry file);

    /// <summary>The whole of a list that belongs to the images.</summary>
    byte[] List(TreeEntry file);

    /// <summary>The named files, each once, in the order that is cheapest to read; lazily, so that memory stays bounded.</summary>
    IEnumerable<TreeFile> Read(IReadOnlyList<string> names);
}

/// <summary>A file that can be read now.</summary>
/// <param name="Index">Its position among the names that were asked for.</param>
/// <param name="Content">Reads it, or gives what was read on the way.</param>
internal sealed record TreeFile(int Index, Func<byte[]> Content);
