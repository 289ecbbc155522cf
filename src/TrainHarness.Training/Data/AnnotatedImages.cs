using System.IO.Compression;
using System.Text;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Data;

/// <summary>
/// The layout of Tiny-ImageNet, in a folder or a .zip: <c>train/CLASS/images/*</c>, and <c>val/images/*</c> whose classes stand in
/// <c>val/val_annotations.txt</c>, one line per image: file name, class and box, separated by tabs.
/// </summary>
internal sealed class AnnotatedImages : IExampleSource
{
    private const string Annotations = "val/val_annotations.txt";
    private const long LargestAnnotationBytes = 64 << 20;

    private readonly string place;
    private readonly Dictionary<string, string> fileOf = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<ExampleEntry> entries;

    /// <exception cref="ConfigurationException">The files are missing, cannot be read, or have another layout.</exception>
    public AnnotatedImages(string path)
    {
        place = Path.GetFullPath(path);
        try
        {
            using var files = Files.Open(place);
            entries = ReadLayout(files);
            Stamp = StampOf(files);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Unreadable(e);
        }
    }

    public string Stamp { get; }

    public static bool IsAt(string path) => IsZip(path) ? File.Exists(path) : File.Exists(Path.Combine(path, Annotations)) && Directory.Exists(Path.Combine(path, ImageLayout.ValidationFolder, "images"));

    public IReadOnlyList<ExampleEntry> List() => entries;

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        using var files = Files.Open(place);
        for (int i = 0; i < chosen.Count; i++)
        {
            var encoded = Content(files, fileOf[chosen[i].Name]);
            yield return new PendingExample(i, (side, destination) => EncodedImage.Render(encoded(), side, destination));
        }
    }

    private static bool IsZip(string path) => Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase);

    private IReadOnlyList<ExampleEntry> ReadLayout(Files files)
    {
        var layout = new ImageLayout(place);
        if (files.LengthOf(Annotations) is not { } length)
            throw new ConfigurationException($"{place}: no {Annotations}; allowed: train/CLASS/images/IMAGE, val/images/IMAGE and {Annotations}");
        if (length == 0)
            throw new ConfigurationException($"{place}: {Annotations} is empty; allowed: a line for every image of val/images");
        if (length > LargestAnnotationBytes)
            throw new ConfigurationException($"{place}: {Annotations} has {length} bytes; allowed: at most {LargestAnnotationBytes}");
        var classes = ReadAnnotations(Encoding.UTF8.GetString(files.Content(Annotations)()));
        foreach (var (name, bytes) in files.All())
        {
            if (Place(name, classes) is not { } found || !ImageLayout.IsImage(found.File))
                continue;
            layout.AddImage(found.Split, found.ClassName, found.File, bytes);
            fileOf[$"{ImageLayout.FolderOf(found.Split)}/{found.ClassName}/{found.File}"] = name;
        }

        return layout.Entries();
    }

    private (Split Split, string ClassName, string File)? Place(string name, Dictionary<string, string> classes) => name.Split('/') switch
    {
        [ImageLayout.TrainFolder, var className, "images", var file] => (Split.Train, className, file),
        [ImageLayout.ValidationFolder, "images", var file] when classes.TryGetValue(file, out string? className) => (Split.Validation, className, file),
        [ImageLayout.ValidationFolder, "images", var file] when ImageLayout.IsImage(file) =>
            throw new ConfigurationException($"{place}: {name} has no line in {Annotations}; allowed: a class for every image"),
        _ => null,
    };

    private Dictionary<string, string> ReadAnnotations(string text)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int number = 0; number < lines.Length; number++)
        {
            string[] cells = lines[number].Split('\t');
            if (lines[number].Length > 0 && (cells.Length < 2 || cells[1].Length == 0 || cells[1].Contains('/', StringComparison.Ordinal) || !classes.TryAdd(cells[0], cells[1])))
                throw ConfigurationException.At(Path.Combine(place, Annotations), number + 1, 1, "this is no annotation; allowed: FILE, a tab, CLASS, each file once.");
        }

        return classes;
    }

    private string StampOf(Files files)
    {
        using var hash = new ContentHash();
        hash.Add(place).Add(files.Stamp(Annotations));
        foreach (var entry in entries)
            hash.Add(entry.Name).Add(entry.Length).Add(files.Stamp(fileOf[entry.Name]));
        return hash.Finish();
    }

    private Func<byte[]> Content(Files files, string name)
    {
        try
        {
            return files.Content(name);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Unreadable(e);
        }
    }

    // What the files, and ZipArchive where it meets numbers that cannot be, throw.
    private static bool IsDamage(Exception error) =>
        error is IOException or UnauthorizedAccessException or InvalidDataException or UndecodableImageException or NotSupportedException or ArithmeticException or ArgumentException;

    private ConfigurationException Unreadable(Exception e) => new($"{place}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);

    /// <summary>Files by their names with '/' separators, relative to the folder that holds train/ and val/.</summary>
    private abstract class Files : IDisposable
    {
        public static Files Open(string place) => IsZip(place) ? new ZipFiles(place) : new FolderFiles(place);

        public abstract IEnumerable<(string Name, long Bytes)> All();

        public abstract long? LengthOf(string name);

        /// <summary>Reads the file: at once where only one can be read at a time, else when it is called.</summary>
        public abstract Func<byte[]> Content(string name);

        /// <summary>Changes when the file does.</summary>
        public abstract long Stamp(string name);

        public abstract void Dispose();
    }

    private sealed class FolderFiles(string folder) : Files
    {
        // As deep as train/CLASS/images; links that lead back up would go on for ever.
        private static readonly EnumerationOptions Levels = new() { RecurseSubdirectories = true, MaxRecursionDepth = 3, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

        public override IEnumerable<(string Name, long Bytes)> All() =>
            new DirectoryInfo(folder).EnumerateFiles("*", Levels)
                .Select(file => (Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.Length));

        public override long? LengthOf(string name) => new FileInfo(Full(name)) is { Exists: true } file ? file.Length : null;

        public override Func<byte[]> Content(string name) => () => EncodedFile.Read(Full(name));

        public override long Stamp(string name) => File.GetLastWriteTimeUtc(Full(name)).Ticks;

        public override void Dispose()
        {
        }

        private string Full(string name) => Path.Combine(folder, name);
    }

    private sealed class ZipFiles : Files
    {
        private readonly ZipArchive archive;
        private readonly Dictionary<string, ZipArchiveEntry> entries;
        private readonly long written;

        public ZipFiles(string path)
        {
            archive = ZipFile.OpenRead(path);
            written = File.GetLastWriteTimeUtc(path).Ticks;
            // One leading folder is usual: tiny-imagenet-200/train/…
            string root = archive.Entries.Select(entry => entry.FullName).FirstOrDefault(name => name.EndsWith('/' + Annotations, StringComparison.Ordinal)) is { } found
                ? found[..^Annotations.Length]
                : "";
            entries = [];
            foreach (var entry in archive.Entries.Where(entry => entry.FullName.StartsWith(root, StringComparison.Ordinal) && !entry.FullName.EndsWith('/')))
                entries.TryAdd(entry.FullName[root.Length..], entry);
        }

        public override IEnumerable<(string Name, long Bytes)> All() => entries.Select(pair => (pair.Key, pair.Value.Length));

        public override long? LengthOf(string name) => entries.TryGetValue(name, out var entry) ? entry.Length : null;

        public override Func<byte[]> Content(string name)
        {
            byte[] bytes = new byte[entries[name].Length];
            using var stream = entries[name].Open();
            stream.ReadExactly(bytes);
            return () => bytes;
        }

        public override long Stamp(string name) => written;

        public override void Dispose() => archive.Dispose();
    }
}
