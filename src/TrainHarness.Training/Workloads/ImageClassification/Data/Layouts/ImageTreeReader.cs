using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>
/// Reads how images lie in a tree: class folders in train/ and val/, or, in val/, images whose classes a list gives. One reading, one
/// instance.
/// </summary>
internal sealed class ImageTreeReader
{
    // Tiny-ImageNet has this folder between a class, or val/, and its images; it is no part of an image's name.
    private const string Images = "images";
    private const string ImagesOfKaggle = "/ILSVRC/Data/CLS-LOC";
    private const string DevkitName = "devkit";

    private readonly IFileTree tree;
    private readonly SplitFolders splits;
    private readonly ImageLayout layout;
    private readonly Dictionary<string, TreeEntry> fileOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> trainClasses = new(StringComparer.Ordinal);
    private readonly List<TreeEntry> lists = [];
    private readonly List<string> remarks = [];
    private readonly PassedOver passedOver = new();
    private bool hasClassFolders;

    private ImageTreeReader(IFileTree tree, SplitFolders splits)
    {
        this.tree = tree;
        this.splits = splits;
        layout = new ImageLayout(tree.Place);
    }

    /// <exception cref="ConfigurationException">The tree has another layout, or lacks what it names.</exception>
    public static ImageListing Read(IFileTree tree)
    {
        var splits = SplitFolders.Find(tree);
        var train = splits?.Train ?? throw OtherLayout.Refusal(tree, ImageLayout.TrainFolder);
        return new ImageTreeReader(tree, splits).Read(train);
    }

    private ImageListing Read(TreeEntry train)
    {
        AddSplit(Split.Train, tree.Top(train.Name), labels: null);
        var validation = splits.Validation ?? throw OtherLayout.Refusal(tree, ImageLayout.ValidationFolder);
        if (validation.Leaf != ImageLayout.ValidationFolder || splits.Others.Count > 0)
        {
            var others = string.Join(", ", splits.Others.Select(other => other.Name + "/"));
            remarks.Add($"validation: {validation.Name}/{(others.Length > 0 ? $" (not read: {others})" : "")}");
        }

        var top = tree.Top(validation.Name);
        var labels = Labels(top);
        AddSplit(Split.Validation, top, labels);
        if (labels is { HasFound: true })
            labels.RequireAllFound(tree.Place, hasClassFolders ? trainClasses : null);
        return new ImageListing
        {
            Entries = layout.Entries(PassedOver.Words(passedOver.Counts)),
            FileOf = fileOf,
            Lists = lists,
            PassedOver = passedOver,
            Remarks = remarks,
        };
    }

    private void AddSplit(Split split, IReadOnlyList<TreeEntry> top, ImageLabels? labels)
    {
        var folder = ImageLayout.FolderOf(split);
        var flat = new List<TreeEntry>();
        foreach (var entry in top)
        {
            if (entry.Kind != TreeKind.Folder)
                flat.Add(entry);
            else if (ImageNames.IsHidden(entry.Leaf))
                CountHidden(entry);
            else if (labels is not null && entry.Leaf == Images && !trainClasses.Contains(Images))
                flat.AddRange(tree.Below(entry.Name));
            else
                AddClass(split, entry, labels);
        }

        AddFlat(split, flat, labels);
        if (split == Split.Train && trainClasses.Count == 0)
            throw OtherLayout.Refusal(tree, splits.Train!, $"{folder}/ has no class folder");
    }

    private void AddClass(Split split, TreeEntry folder, ImageLabels? labels)
    {
        layout.AddClass(split, folder.Leaf);
        if (split == Split.Train)
            trainClasses.Add(folder.Leaf);
        else
            hasClassFolders = true;
        var images = tree.Below(folder.Name).Where(entry => IsImage(entry, folder.Name, folder.Leaf)).ToList();
        var skipped = folder.Name.Length + 1;
        if (images.Count > 0 && images.All(image => image.Name.AsSpan(skipped).StartsWith($"{Images}/")))
            skipped += Images.Length + 1;
        foreach (var image in images)
        {
            if (labels?.ClassOf(image.Leaf) is { } listed && listed != folder.Leaf)
                throw new ConfigurationException(
                    $"{tree.Place}: {image.Name} is of class {listed} by {labels.List} and of {folder.Leaf} by its folder; allowed: "
                        + $"one class"
                );
            Add(split, folder.Leaf, image.Name[skipped..], image);
        }
    }

    private void AddFlat(Split split, List<TreeEntry> files, ImageLabels? labels)
    {
        var folder = (split == Split.Train ? splits.Train : splits.Validation)!.Name;
        foreach (var file in files.Where(file => !lists.Contains(file) && IsImage(file, folder, null)))
        {
            if (labels is null)
                passedOver.Add("outside a class folder");
            else
                Add(split, ClassBy(labels, file), file.Leaf, file);
        }

        if (labels is null && split == Split.Validation && !hasClassFolders)
            throw OtherLayout.Refusal(
                tree,
                splits.Validation!,
                $"{folder}/ has no class folder, and no list gives the classes of its images"
            );
    }

    private string ClassBy(ImageLabels labels, TreeEntry image) =>
        labels.ClassOf(image.Leaf)
        ?? throw new ConfigurationException($"{tree.Place}: {image.Name} has no line in {labels.List}; allowed: a class for every image");

    private void Add(Split split, string className, string fileName, TreeEntry file) =>
        fileOf[layout.AddImage(split, className, fileName, file.Length)] = file;

    /// <summary>Whether a file is to be read; one that is not is counted, and one that should be there and is not is an error.</summary>
    /// <param name="className">Null for a file that lies in no class folder.</param>
    private bool IsImage(TreeEntry file, string folder, string? className)
    {
        var leaf = file.Leaf;
        if (ImageNames.HasHiddenPart(file.Name.AsSpan(folder.Length + 1)))
            return Without("hidden");
        if (file.Kind == TreeKind.RepeatedFolder)
            return Without("link to a folder that is read already");
        if (ImageNames.IsOther(leaf))
            return Without("not an image");
        switch (file.Kind)
        {
            case TreeKind.BrokenLink:
                throw new ConfigurationException(
                    $"{tree.Place}: {file.Name} is a link to {file.Target}, which is not there; allowed: links that lead to a file or "
                        + $"a folder"
                );
            case TreeKind.Link:
                throw new ConfigurationException(
                    $"{tree.Place}: {leaf}{(className is null ? "" : $" of class {className}")} is a link; allowed: regular files"
                );
            case TreeKind.Special:
                return Without("a device or a pipe");
        }

        if (ImageNames.IsImage(leaf))
            return true;
        var kind = tree.Look(file);
        return kind == ImageKind.Readable
            || Without(ImageKinds.Unread(kind) is { } name ? $"{name} (not read)" : "not an image by content");
    }

    private bool Without(string reason)
    {
        passedOver.Add(reason);
        return false;
    }

    private void CountHidden(TreeEntry folder)
    {
        foreach (var _ in tree.Below(folder.Name))
            passedOver.Add("hidden");
    }

    /// <summary>The list in val/, beside it, above it, or in a devkit beside it.</summary>
    private ImageLabels? Labels(IReadOnlyList<TreeEntry> top)
    {
        if (LabelLists.Read(top, tree, lists) is { } inside)
            return inside;
        for (var folder = splits.Root; ; folder = TreeEntry.FolderOf(folder))
        {
            var beside = tree.Top(folder);
            if (LabelLists.Read(beside, tree, lists) is { } found)
                return found;
            foreach (
                var devkit in beside.Where(entry =>
                    entry.Kind == TreeKind.Folder && entry.Leaf.Contains(DevkitName, StringComparison.OrdinalIgnoreCase)
                )
            )
            {
                if (LabelLists.Read([.. tree.Below(devkit.Name)], tree, lists) is { } official)
                    return official;
            }

            if (folder.Length == 0)
                return Solution();
        }
    }

    // Kaggle's archive has it three folders above the images.
    private ImageLabels? Solution()
    {
        if (tree is not FolderTree || !tree.Place.Replace('\\', '/').EndsWith(ImagesOfKaggle, StringComparison.Ordinal))
            return null;
        var above = new FolderTree(Path.GetFullPath(Path.Combine(tree.Place, "..", "..", "..")));
        return LabelLists.Read([.. above.Top("").Where(entry => entry.Leaf == ListFiles.Solution)], above, lists);
    }
}
