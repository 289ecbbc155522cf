using System.Globalization;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>The images of one of CIFAR's files.</summary>
/// <param name="Labels">Of each image; not compared with the names of the classes yet.</param>
internal sealed record CifarBatch(IReadOnlyList<int> Labels, Func<int, ReadOnlyMemory<byte>> Pixels)
{
    /// <exception cref="InvalidDataException">It is not what CIFAR's files hold.</exception>
    public static CifarBatch Of(CifarVersion version, ReadOnlyMemory<byte> file) =>
        version.IsPickle ? OfPickle(version, file) : OfRecords(version, file);

    /// <summary>The names of the classes, by their labels, and how many images each file has, where that is said.</summary>
    /// <exception cref="InvalidDataException">It is not what CIFAR's files hold.</exception>
    public static (IReadOnlyList<string> Names, int? Images) NamesOf(CifarVersion version, ReadOnlyMemory<byte> file)
    {
        string[] names;
        int? images = null;
        if (version.IsPickle)
        {
            var values = Dictionary(file);
            var key = version.HasCoarse ? "fine_label_names" : "label_names";
            names = values.GetValueOrDefault(key) is List<object?> list
                ? [.. list.Select(name => PickledText.Of(name) ?? throw Otherwise($"{key} holds something else than names."))]
                : throw Otherwise($"it has no list {key}.");
            images = values.GetValueOrDefault("num_cases_per_batch") is long count and > 0 and <= int.MaxValue ? (int)count : null;
        }
        else
        {
            names = System.Text.Encoding.UTF8.GetString(file.Span).ReplaceLineEndings("\n").TrimEnd('\n', ' ').Split('\n');
        }

        CheckNames(names);
        return (names, images);
    }

    private static void CheckNames(string[] names)
    {
        const int longest = 200;
        const int max = 10_000;
        Require(names.Length is > 0 and <= max, "it names no classes.");
        foreach (var name in names)
        {
            var isName =
                name.Trim().Length > 0 && name.Length <= longest && !name.Any(letter => char.IsControl(letter) || letter is '/' or '\\');
            Require(isName, "it names a class in a way that is no name.");
        }

        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Otherwise($"it names the class {twice.Key} twice.");
    }

    private static CifarBatch OfRecords(CifarVersion version, ReadOnlyMemory<byte> file)
    {
        var record = version.LabelBytes + CifarVersion.PixelBytes;
        var count = file.Length / record;
        if (count == 0 || file.Length % record != 0)
            throw Otherwise(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it has {file.Length} bytes, and each image takes {record}: it is cut off or something else."
                )
            );
        var labels = new int[count];
        for (var i = 0; i < count; i++)
            labels[i] = file.Span[(i * record) + version.LabelBytes - 1];
        return new CifarBatch(labels, index => file.Slice((index * record) + version.LabelBytes, CifarVersion.PixelBytes));
    }

    private static CifarBatch OfPickle(CifarVersion version, ReadOnlyMemory<byte> file)
    {
        var values = Dictionary(file);
        var key = version.HasCoarse ? "fine_labels" : "labels";
        IReadOnlyList<int> labels = values.GetValueOrDefault(key) switch
        {
            List<object?> list => [.. list.Select(label => Label(label, key))],
            PickledArray { Shape.Count: 1 } array => [.. array.Numbers().Select(label => Label(label, key))],
            _ => throw Otherwise($"it has no list {key}."),
        };
        if (
            values.GetValueOrDefault("data") is not PickledArray { Type: { Bytes: 1, IsSigned: false } } data
            || data.Shape is not [var images, CifarVersion.PixelBytes]
        )
            throw Otherwise($"it has no array data of images x {CifarVersion.PixelBytes} bytes.");
        if (images != labels.Count || images == 0)
            throw Otherwise($"it has {images} images and {labels.Count} labels.");
        return new CifarBatch(labels, index => data.Content.Slice(index * CifarVersion.PixelBytes, CifarVersion.PixelBytes));
    }

    private static int Label(object? label, string key) =>
        label is long and >= 0 and <= int.MaxValue and var number
            ? (int)number
            : throw Otherwise($"{key} holds something else than labels from 0.");

    private static Dictionary<string, object?> Dictionary(ReadOnlyMemory<byte> file) =>
        Pickle.Read(file) as Dictionary<string, object?> ?? throw Otherwise("it is no dictionary.");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw Otherwise(otherwise);
    }

    private static InvalidDataException Otherwise(string message) => new(message);
}
