using TrainHarness.Protocol;

namespace TrainHarness.Training.Data;

/// <summary>Images in folders: <c>train/CLASS/*</c> and <c>val/CLASS/*</c>.</summary>
internal sealed class ImageFolder : IExampleSource
{
    private readonly string folder;
    private readonly IReadOnlyList<ExampleEntry> entries;

    /// <exception cref="ConfigurationException">The folder is missing, cannot be read, or has another layout.</exception>
    public ImageFolder(string path)
    {
        folder = Path.GetFullPath(path);
        if (!Directory.Exists(folder))
            throw new ConfigurationException($"{folder}: no such folder; allowed: a folder with train/CLASS/IMAGE and val/CLASS/IMAGE");
        try
        {
            entries = ReadLayout();
            Stamp = StampOf(entries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{folder}: cannot be read: {e.Message}", e);
        }
    }

    public string Stamp { get; }

    public IReadOnlyList<ExampleEntry> List() => entries;

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        for (int i = 0; i < chosen.Count; i++)
        {
            string file = PathOf(chosen[i]);
            yield return new PendingExample(i, (side, destination) => EncodedImage.Render(EncodedFile.Read(file), side, destination));
        }
    }

    private IReadOnlyList<ExampleEntry> ReadLayout()
    {
        var layout = new ImageLayout(folder);
        AddSplit(layout, Split.Train);
        AddSplit(layout, Split.Validation);
        return layout.Entries();
    }

    private void AddSplit(ImageLayout layout, Split split)
    {
        var splitFolder = new DirectoryInfo(Path.Combine(folder, ImageLayout.FolderOf(split)));
        if (!splitFolder.Exists)
            return;
        layout.AddSplit(split);
        foreach (var classFolder in splitFolder.EnumerateDirectories())
        {
            if (!ImageLayout.IsHidden(classFolder.Name))
                AddClass(layout, split, classFolder);
        }
    }

    private static void AddClass(ImageLayout layout, Split split, DirectoryInfo classFolder)
    {
        layout.AddClass(split, classFolder.Name);
        foreach (var file in classFolder.EnumerateFiles())
        {
            if (ImageLayout.IsImage(file.Name))
                layout.AddImage(split, classFolder.Name, file.Name, file.Length);
        }
    }

    private string StampOf(IReadOnlyList<ExampleEntry> sorted)
    {
        using var hash = new ContentHash();
        foreach (var entry in sorted)
            hash.Add(entry.Name).Add(entry.Length).Add(File.GetLastWriteTimeUtc(PathOf(entry)).Ticks);
        return hash.Finish();
    }

    private string PathOf(ExampleEntry entry) => Path.Combine(folder, entry.Name.Replace('/', Path.DirectorySeparatorChar));
}
