using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>The images of both splits with their classes, as they are found in a source, and what is wrong with them.</summary>
/// <param name="where">Folder or archive that messages name.</param>
internal sealed class ImageLayout(string where)
{
    public const string TrainFolder = "train";
    public const string ValidationFolder = "val";

    /// <summary>An encoded image is read whole; this bounds what one file can take. The largest image of ImageNet has 15 MB.</summary>
    public const long LargestImageBytes = 256L << 20;

    private readonly Dictionary<Split, SortedSet<string>> classes = [];
    private readonly List<ExampleEntry> entries = [];

    /// <summary>Hidden files are droppings of file managers; so are files without an image's extension.</summary>
    public static bool IsImage(string fileName) => ImageNames.IsImage(fileName);

    /// <summary>How the split is called in names of examples, whatever its folder is called.</summary>
    public static string FolderOf(Split split) => split == Split.Train ? TrainFolder : ValidationFolder;

    public void AddClass(Split split, string className)
    {
        classes.TryAdd(split, new SortedSet<string>(StringComparer.Ordinal));
        classes[split].Add(className);
    }

    /// <param name="fileName">Relative to the class, with '/' separators.</param>
    /// <returns>The example's name.</returns>
    public string AddImage(Split split, string className, string fileName, long length)
    {
        AddClass(split, className);
        var name = $"{FolderOf(split)}/{className}/{fileName}";
        if (length > LargestImageBytes)
            throw new ConfigurationException($"{where}: {name} has {length} bytes; allowed: at most {LargestImageBytes}");
        entries.Add(new ExampleEntry(split, className, name, length));
        return name;
    }

    /// <summary>All images in ordinal order of name.</summary>
    /// <param name="passedOver">What was not read, for the message about a class without images; null where nothing was.</param>
    /// <exception cref="ConfigurationException">A split is missing, a class has no image, or the splits have different classes.</exception>
    public IReadOnlyList<ExampleEntry> Entries(string? passedOver = null)
    {
        RequireSplit(Split.Train);
        RequireSplit(Split.Validation);
        RequireSameClasses();
        RequireImages(passedOver);
        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        RequireDistinctNames();
        return entries;
    }

    private void RequireSplit(Split split)
    {
        if (!classes.ContainsKey(split))
            throw new ConfigurationException(
                $"{where}: {FolderOf(split)}/ has no class folder; allowed: train/CLASS/IMAGE and val/CLASS/IMAGE"
            );
    }

    private void RequireSameClasses()
    {
        RequireClassesOf(Split.Train, Split.Validation);
        RequireClassesOf(Split.Validation, Split.Train);
    }

    private void RequireClassesOf(Split present, Split other)
    {
        var missing = classes[present].Except(classes[other], StringComparer.Ordinal).FirstOrDefault();
        if (missing is not null)
            throw new ConfigurationException(
                $"{where}: class {missing} is in {FolderOf(present)}/ and not in {FolderOf(other)}/; allowed: the same classes in both"
            );
    }

    private void RequireImages(string? passedOver)
    {
        var filled = entries.Select(entry => (entry.Split, entry.ClassName)).ToHashSet();
        foreach (var (split, names) in classes)
        {
            var empty = names.FirstOrDefault(name => !filled.Contains((split, name)));
            if (empty is not null)
                throw new ConfigurationException(
                    $"{where}: class folder {FolderOf(split)}/{empty} holds no image; allowed: "
                        + $"{string.Join(", ", ImageNames.Extensions)}{(passedOver is null ? "" : $" ({passedOver})")}"
                );
        }
    }

    private void RequireDistinctNames()
    {
        for (var i = 1; i < entries.Count; i++)
        {
            if (entries[i].Name == entries[i - 1].Name)
                throw new ConfigurationException($"{where}: {entries[i].Name} is there twice; allowed: each name once");
        }
    }
}
