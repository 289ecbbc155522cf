using System.Globalization;
using System.Security.Cryptography;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// CIFAR-10 and CIFAR-100 as they are given out: the binary version and the one for Python, unpacked or in their archive.
/// Both give the same examples.
/// </summary>
internal sealed class Cifar : IExampleSource
{
    private readonly CifarFiles files;
    private readonly Dictionary<string, Place> placeOf = new(StringComparer.Ordinal);
    private readonly List<string> remarks = [];
    private IReadOnlyList<ExampleEntry>? entries;

    /// <exception cref="ConfigurationException">There is none.</exception>
    public Cifar(string path)
    {
        files = CifarFiles.At(path)
            ?? throw new ConfigurationException(
                $"{path}: no CIFAR; allowed: {string.Join(", ", CifarVersion.All.Select(version => version.Archive))} or what they "
                    + $"unpack to"
            );
        Stamp = files.Stamp;
        remarks.Add($"{Version.Name}; validation: {Version.Test}");
        if (Version.HasCoarse)
            remarks.Add("labels: the fine ones; the coarse ones are not read");
    }

    public string Stamp { get; }

    public IReadOnlyList<string> Remarks => remarks;

    private CifarVersion Version => files.Version;

    public static bool IsAt(string path) => CifarFiles.At(path) is not null;

    public IReadOnlyList<ExampleEntry> List() => entries ??= ReadLayout();

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        List();
        var wanted = chosen
            .Select((example, index) => (Place: placeOf[example.Name], Index: index))
            .ToLookup(example => example.Place.File);
        foreach (var (name, content) in files.Read([.. wanted.Select(group => group.Key)]))
        {
            var batch = Parsed(name, content, CifarBatch.Of);
            foreach (var (place, index) in wanted[name])
            {
                if (place.Index >= batch.Labels.Count)
                    throw new ConfigurationException($"{files.NameOf(name)} has lost images; it was changed while it was read");
                var pixels = batch.Pixels(place.Index);
                yield return new PendingExample(index, (side, destination) => Render(pixels.Span, side, destination));
            }
        }
    }

    private static ExampleContent Render(ReadOnlySpan<byte> planes, int side, Span<byte> destination)
    {
        const int area = CifarVersion.Side * CifarVersion.Side;
        Span<byte> pixels = stackalloc byte[4 * area];
        for (var i = 0; i < area; i++)
        {
            for (var channel = 0; channel < 3; channel++)
                pixels[(4 * i) + channel] = planes[(channel * area) + i];
        }

        Resampling.ResizeAndCrop(pixels, CifarVersion.Side, CifarVersion.Side, side, destination);
        return new ExampleContent(planes.Length, SHA256.HashData(planes));
    }

    private IReadOnlyList<ExampleEntry> ReadLayout()
    {
        Dictionary<string, IReadOnlyList<int>> labels = [];
        IReadOnlyList<string> classes = [];
        int? expected = null;
        foreach (var (name, content) in files.Read(Version.Files))
        {
            if (name == Version.Names)
                (classes, expected) = Parsed(name, content, CifarBatch.NamesOf);
            else
                labels.Add(name, Parsed(name, content, CifarBatch.Of).Labels);
        }

        RequireWhole(labels, expected);
        var layout = new ImageLayout(files.Place);
        foreach (var file in Version.Train)
            AddFile(layout, Split.Train, file, labels[file], classes);
        AddFile(layout, Split.Validation, Version.Test, labels[Version.Test], classes);
        var empty = classes.Count - labels.Values.SelectMany(all => all).Distinct().Count();
        if (empty > 0)
            remarks.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{empty} of the {classes.Count} classes that {Version.Names} names have no image"
                )
            );
        return layout.Entries();
    }

    private void RequireWhole(Dictionary<string, IReadOnlyList<int>> labels, int? expected)
    {
        foreach (var file in Version.Train.Append(Version.Test))
        {
            var source = expected is null ? $"as {Version.Train[0]} has" : $"as {Version.Names} says";
            if ((expected ?? (file == Version.Test ? null : labels[Version.Train[0]].Count)) is { } images && labels[file].Count != images)
                throw new ConfigurationException($"{files.NameOf(file)} has {labels[file].Count} images; allowed: {images}, {source}");
        }
    }

    private void AddFile(ImageLayout layout, Split split, string file, IReadOnlyList<int> labels, IReadOnlyList<string> classes)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] >= classes.Count)
                throw new ConfigurationException(
                    $"{files.NameOf(file)}: image {i} has label {labels[i]}; allowed: 0 to {classes.Count - 1}, "
                        + $"as {Version.Names} names {classes.Count} classes"
                );
            var name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(file)}-{i:D5}");
            layout.AddImage(split, classes[labels[i]], name, CifarVersion.PixelBytes);
            placeOf[$"{ImageLayout.FolderOf(split)}/{classes[labels[i]]}/{name}"] = new Place(file, i);
        }
    }

    private T Parsed<T>(string name, ReadOnlyMemory<byte> content, Func<CifarVersion, ReadOnlyMemory<byte>, T> parse)
    {
        try
        {
            return parse(Version, content);
        }
        catch (Exception e) when (e is InvalidDataException or OutOfMemoryException)
        {
            throw files.Unreadable(name, e);
        }
    }

    private sealed record Place(string File, int Index);
}
