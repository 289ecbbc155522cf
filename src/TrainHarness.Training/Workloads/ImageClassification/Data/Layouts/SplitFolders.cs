using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>Where train/ and val/ lie in a tree: at its root, or, where they are not there, in one folder below it.</summary>
/// <param name="Root">Name of the folder that holds them; empty for the tree's root.</param>
/// <param name="Train">Name of the folder; null where there is none.</param>
/// <param name="Others">Folders that would have been read in place of <paramref name="Validation"/>.</param>
internal sealed record SplitFolders(string Root, TreeEntry? Train, TreeEntry? Validation, IReadOnlyList<TreeEntry> Others)
{
    // ILSVRC/Data/CLS-LOC/train is the deepest in use.
    private const int MaxDepth = 4;
    private const int MaxFolders = 300;

    private static readonly string[] TrainNames = [ImageLayout.TrainFolder];

    // In the order of preference. The last two are no validation set by their names, and are one where there is no other.
    private static readonly string[] ValidationNames = [ImageLayout.ValidationFolder, "valid", "validation", "dev", "test"];
    private const int SureNames = 3;

    /// <summary>Null where no folder is called as one of a split.</summary>
    /// <exception cref="ConfigurationException">They are in more places than one.</exception>
    public static SplitFolders? Find(IFileTree tree)
    {
        IReadOnlyList<string> level = [""];
        for (int depth = 0, seen = 0; depth < MaxDepth && level.Count > 0 && seen < MaxFolders; depth++)
        {
            seen += level.Count;
            var tops = level.Take(MaxFolders).Select(folder => (Folder: folder, Inside: Folders(tree, folder))).ToList();
            var found = tops.Where(top => top.Inside.Any(entry => Is(entry, TrainNames) || Is(entry, ValidationNames[..SureNames])))
                .ToList();
            if (found.Count > 1)
                throw new ConfigurationException(
                    $"{tree.Place}: train/ or val/ is under '{found[0].Folder}/' and under '{found[1].Folder}/'; allowed: one place"
                );
            if (found.Count == 1)
                return Of(found[0].Folder, found[0].Inside);
            level = [.. tops.SelectMany(top => top.Inside).Select(entry => entry.Name).Order(StringComparer.Ordinal)];
        }

        return null;
    }

    private static SplitFolders Of(string root, IReadOnlyList<TreeEntry> inside)
    {
        var validation = Ordered(inside, ValidationNames);
        return new SplitFolders(root, Ordered(inside, TrainNames).FirstOrDefault(), validation.FirstOrDefault(), [.. validation.Skip(1)]);
    }

    // As it is written here before other cases of the same name.
    private static List<TreeEntry> Ordered(IReadOnlyList<TreeEntry> inside, string[] names) =>
        [
            .. names.SelectMany(name =>
                inside
                    .Where(entry => Is(entry, [name]))
                    .OrderByDescending(entry => entry.Leaf == name)
                    .ThenBy(entry => entry.Leaf, StringComparer.Ordinal)
            ),
        ];

    private static List<TreeEntry> Folders(IFileTree tree, string folder) =>
        [
            .. tree.Top(folder)
                .Where(entry => entry.Kind == TreeKind.Folder && !ImageNames.IsHidden(entry.Leaf))
                .OrderBy(entry => entry.Name, StringComparer.Ordinal),
        ];

    private static bool Is(TreeEntry entry, IEnumerable<string> names) => names.Contains(entry.Leaf, StringComparer.OrdinalIgnoreCase);
}
