using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>
/// A folder in which train/ or val/ is still packed: ImageNet's official archives, or train.tar and val.tar, and the devkit.
/// </summary>
internal static class ArchivedSplits
{
    private const string Official = "ILSVRC2012_img_";
    private const long LargestDevkit = 256 << 20;

    private static readonly string[] Endings = [".tar", ".tar.gz", ".tgz"];

    /// <summary>The folder with its archives as folders; the folder itself where nothing in it is packed.</summary>
    /// <exception cref="ConfigurationException">Training images are there without validation images.</exception>
    public static IFileTree Of(FolderTree folder)
    {
        var top = folder.Top("");
        List<Mount> mounts = [];
        foreach (var split in (string[])[ImageLayout.TrainFolder, ImageLayout.ValidationFolder])
        {
            if (Packed(folder, top, split) is { } mount)
                mounts.Add(mount);
            else
                mounts.AddRange(Classes(folder, top, split));
        }

        if (
            mounts.Any(mount => mount.Folder == ImageLayout.TrainFolder)
            && mounts.Count == 1
            && SplitFolders.Find(folder)?.Validation is null
        )
            throw new ConfigurationException(
                $"{folder.Place}: {Path.GetFileName(mounts[0].Archive)} is there without the validation images; "
                    + $"allowed: beside it ILSVRC2012_img_val.tar, or val/, and a list of its classes ({LabelLists.Known})"
            );
        mounts.AddRange(
            top.Where(entry => IsDevkit(entry)).Select(entry => Mount.Of(Stem(entry.Leaf)!, folder.FullName(entry.Name))).OfType<Mount>()
        );
        return mounts.Count == 0 ? folder : new MountedTree(folder, mounts, StampOf(folder, top, mounts));
    }

    private static Mount? Packed(FolderTree folder, IReadOnlyList<TreeEntry> top, string split)
    {
        if (top.Any(entry => entry.Kind == TreeKind.Folder && entry.Leaf.Equals(split, StringComparison.OrdinalIgnoreCase)))
            return null;
        var archive = top.Where(entry => entry.Kind == TreeKind.File)
            .OrderBy(entry => entry.Leaf, StringComparer.Ordinal)
            .FirstOrDefault(entry =>
                Stem(entry.Leaf) is { } stem
                && (
                    stem.Equals(split, StringComparison.OrdinalIgnoreCase)
                    || stem.Equals(Official + split, StringComparison.OrdinalIgnoreCase)
                )
            );
        return archive is null ? null : Mount.Of(split, folder.FullName(archive.Name));
    }

    // What ILSVRC2012_img_train.tar unpacks to: an archive for each class, and no class folder yet.
    private static IEnumerable<Mount> Classes(FolderTree folder, IReadOnlyList<TreeEntry> top, string split)
    {
        var inside = top.FirstOrDefault(entry => entry.Kind == TreeKind.Folder && entry.Leaf == split) is { } there
            ? folder.Top(there.Name)
            : [];
        return inside
            .Where(entry =>
                entry.Kind == TreeKind.File
                && Stem(entry.Leaf) is { } stem
                && inside.All(other => other.Kind != TreeKind.Folder || other.Leaf != stem)
            )
            .Select(entry => Mount.Of(TreeEntry.Join(split, Stem(entry.Leaf)!), folder.FullName(entry.Name)))
            .OfType<Mount>();
    }

    private static bool IsDevkit(TreeEntry entry) =>
        entry.Kind == TreeKind.File
        && entry.Length <= LargestDevkit
        && entry.Leaf.Contains("devkit", StringComparison.OrdinalIgnoreCase)
        && Stem(entry.Leaf) is not null;

    private static string? Stem(string leaf) =>
        Endings.FirstOrDefault(ending => leaf.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } found
            ? leaf[..^found.Length]
            : null;

    // Both splits in archives: these and the lists beside them are all that is read.
    private static string? StampOf(FolderTree folder, IReadOnlyList<TreeEntry> top, IReadOnlyList<Mount> mounts)
    {
        if (
            !mounts.Any(mount => mount.Folder == ImageLayout.TrainFolder)
            || !mounts.Any(mount => mount.Folder == ImageLayout.ValidationFolder)
        )
            return null;
        using var hash = new ContentHash();
        foreach (var mount in mounts)
            hash.Add(TarTree.StampOf(mount.Archive));
        foreach (var list in top.Where(entry => ListFiles.IsOne(entry.Leaf)).OrderBy(entry => entry.Leaf, StringComparer.Ordinal))
            hash.Add(folder.FullName(list.Name)).Add(list.Length).Add(list.Stamp);
        return hash.Finish();
    }
}
