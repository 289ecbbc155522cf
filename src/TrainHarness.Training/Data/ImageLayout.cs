using TrainHarness.Protocol;

namespace TrainHarness.Training.Data;

/// <summary>The layout <c>train/CLASS/IMAGE</c>, <c>val/CLASS/IMAGE</c> as it is found in a folder or an archive, and what is wrong with it.</summary>
/// <param name="where">Folder or archive that messages name.</param>
internal sealed class ImageLayout(string where)
{
    public const string TrainFolder = "train";
    public const string ValidationFolder = "val";

    /// <summary>An encoded image is read whole; this bounds what one file can take. The largest image of ImageNet has 15 MB.</summary>
    public const long LargestImageBytes = 256L << 20;
    private const string Allowed = "allowed: train/CLASS/IMAGE and val/CLASS/IMAGE";

    private static readonly string[] Extensions = [".jpeg", ".jpg", ".png", ".webp", ".bmp", ".gif"];

    private readonly Dictionary<Split, SortedSet<string>> classes = [];
    private readonly List<ExampleEntry> entries = [];

    /// <summary>Hidden files are droppings of file managers; so are files without an image's extension.</summary>
    public static bool IsImage(string fileName) =>
        !IsHidden(fileName) && Extensions.Contains(Path.GetExtension(fileName), StringComparer.OrdinalIgnoreCase);

    public static bool IsHidden(string name) => name.StartsWith('.');

    public static string FolderOf(Split split) => split == Split.Train ? TrainFolder : ValidationFolder;

    public void AddSplit(Split split) => classes.TryAdd(split, new SortedSet<string>(StringComparer.Ordinal));

    public void AddClass(Split split, string className)
    {
        AddSplit(split);
        classes[split].Add(className);
    }

    public void AddImage(Split split, string className, string fileName, long length)
    {
        AddClass(split, className);
        string name = $"{FolderOf(split)}/{className}/{fileName}";
        if (length > LargestImageBytes)
            throw new ConfigurationException($"{where}: {name} has {length} bytes; allowed: at most {LargestImageBytes}");
        entries.Add(new ExampleEntry(split, className, name, length));
    }

    /// <summary>All images in ordinal order of name.</summary>
    /// <exception cref="ConfigurationException">A split is missing, a class has no image, or the splits have different classes.</exception>
    public IReadOnlyList<ExampleEntry> Entries()
    {
        RequireSplit(Split.Train);
        RequireSplit(Split.Validation);
        RequireSameClasses();
        RequireImages();
        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        RequireDistinctNames();
        return entries;
    }

    private void RequireSplit(Split split)
    {
        if (!classes.TryGetValue(split, out var names))
            throw new ConfigurationException($"{where}: no {FolderOf(split)}/ folder; {Allowed}");
        if (names.Count == 0)
            throw new ConfigurationException($"{where}: {FolderOf(split)}/ has no class folder; {Allowed}");
    }

    private void RequireSameClasses()
    {
        RequireClassesOf(Split.Train, Split.Validation);
        RequireClassesOf(Split.Validation, Split.Train);
    }

    private void RequireClassesOf(Split present, Split other)
    {
        string? missing = classes[present].Except(classes[other], StringComparer.Ordinal).FirstOrDefault();
        if (missing is not null)
            throw new ConfigurationException($"{where}: class {missing} is in {FolderOf(present)}/ and not in {FolderOf(other)}/; allowed: the same classes in both");
    }

    private void RequireImages()
    {
        var filled = entries.Select(entry => (entry.Split, entry.ClassName)).ToHashSet();
        foreach (var (split, names) in classes)
        {
            string? empty = names.FirstOrDefault(name => !filled.Contains((split, name)));
            if (empty is not null)
                throw new ConfigurationException($"{where}: class folder {FolderOf(split)}/{empty} holds no image; allowed: {string.Join(", ", Extensions)}");
        }
    }

    private void RequireDistinctNames()
    {
        for (int i = 1; i < entries.Count; i++)
        {
            if (entries[i].Name == entries[i - 1].Name)
                throw new ConfigurationException($"{where}: {entries[i].Name} is there twice; allowed: each name once");
        }
    }
}
