using System.Globalization;
using System.Text.RegularExpressions;
using Parquet;
using Parquet.Schema;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Training.Data;

/// <summary>
/// The Parquet shards in which Hugging Face gives out image datasets such as imagenet-1k: <c>train-*.parquet</c> and
/// <c>validation-*.parquet</c>, in the folder or in <c>data/</c> below it, with the columns <c>image.bytes</c>, <c>image.path</c> and <c>label</c>.
/// </summary>
/// <remarks>A class is named by the WordNet id in the image's path, as ImageNet's folders are; where there is none, by its label.</remarks>
internal sealed partial class ParquetShards : IExampleSource
{
    private static readonly (string Pattern, Split Split)[] Patterns = [("train-*.parquet", Split.Train), ("validation-*.parquet", Split.Validation)];

    // A footer may claim anything; real shards have some thousand rows in groups of about a hundred.
    private const long LargestRowGroup = 1_000_000;

    private readonly string folder;
    private readonly Dictionary<string, Place> placeOf = new(StringComparer.Ordinal);
    private IReadOnlyList<ExampleEntry>? entries;

    /// <exception cref="ConfigurationException">A shard is missing.</exception>
    public ParquetShards(string path)
    {
        folder = Path.GetFullPath(path);
        using var hash = new ContentHash();
        hash.Add(folder);
        foreach (var (pattern, _) in Patterns)
        {
            var shards = Shards(folder, pattern);
            if (shards.Count == 0)
                throw new ConfigurationException($"{folder}: no {pattern}; allowed: train-*.parquet and validation-*.parquet");
            foreach (string shard in shards)
                hash.Add(shard).Add(new FileInfo(shard).Length).Add(File.GetLastWriteTimeUtc(shard).Ticks);
        }

        Stamp = hash.Finish();
    }

    public string Stamp { get; }

    public static bool IsAt(string path) => Patterns.Any(pattern => Shards(path, pattern.Pattern).Count > 0);

    public IReadOnlyList<ExampleEntry> List() => entries ??= ReadLayout();

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        List();
        var groups = chosen.Select((example, index) => (Place: placeOf[example.Name], Index: index))
            .GroupBy(wanted => (wanted.Place.Shard, wanted.Place.RowGroup))
            .OrderBy(group => group.Key.Shard, StringComparer.Ordinal).ThenBy(group => group.Key.RowGroup);
        foreach (var group in groups)
        {
            var images = Guarded(group.Key.Shard, () => ReadImages(group.Key.Shard, group.Key.RowGroup));
            foreach (var (place, index) in group)
            {
                byte[] encoded = images[place.Row] ?? [];
                yield return new PendingExample(index, (side, destination) => EncodedImage.Render(encoded, side, destination));
            }
        }
    }

    private static List<string> Shards(string folder, string pattern) =>
        [.. ((string[])[folder, Path.Combine(folder, "data")]).Where(Directory.Exists).SelectMany(place => Directory.EnumerateFiles(place, pattern)).Order(StringComparer.Ordinal)];

    private IReadOnlyList<ExampleEntry> ReadLayout()
    {
        var layout = new ImageLayout(folder);
        foreach (var (pattern, split) in Patterns)
        {
            foreach (string shard in Shards(folder, pattern))
                Guarded(shard, () => AddShard(layout, split, shard));
        }

        return layout.Entries();
    }

    private async Task<bool> AddShard(ImageLayout layout, Split split, string shard)
    {
        await using var stream = Open(shard);
        await using var reader = await ParquetReader.CreateAsync(stream);
        var (path, label) = (Column(reader, shard, "path"), Column(reader, shard, "label"));
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            var paths = new string?[Rows(rows)];
            var labels = new long?[paths.Length];
            // Parquet.Net 6.1 reads a column of nothing but nulls as whatever its buffer held before.
            if (rows.GetStatistics(path) is { NullCount: { } nulls } && nulls < rows.RowCount)
                await rows.ReadAsync(path, paths);
            await rows.ReadAsync(label, labels.AsMemory());
            for (int row = 0; row < paths.Length; row++)
                Add(layout, split, paths[row], labels[row], new Place(shard, group, row));
        }

        return true;
    }

    private void Add(ImageLayout layout, Split split, string? path, long? label, Place place)
    {
        if (label is null or < 0)
            throw new ConfigurationException($"{place.Shard}: row {place.Row} of row group {place.RowGroup} has no label; allowed: a label from 0 for every image");
        // Two shards may use one name; the place makes it one of its own.
        string name = $"{Path.GetFileNameWithoutExtension(place.Shard)}-{place.RowGroup:D4}-{place.Row:D6}-{Path.GetFileName(path ?? "image")}";
        string className = path is not null && WordNetId().Match(path) is { Success: true } found ? found.Value : $"label-{label:D5}";
        layout.AddImage(split, className, ImageLayout.IsImage(name) ? name : name + ".jpeg", 0);
        placeOf[$"{ImageLayout.FolderOf(split)}/{className}/{(ImageLayout.IsImage(name) ? name : name + ".jpeg")}"] = place;
    }

    private static async Task<byte[]?[]> ReadImages(string shard, int rowGroup)
    {
        await using var stream = Open(shard);
        await using var reader = await ParquetReader.CreateAsync(stream);
        using var rows = reader.OpenRowGroupReader(rowGroup);
        var images = new byte[]?[Rows(rows)];
        await rows.ReadAsync(Column(reader, shard, "bytes"), images);
        return images;
    }

    /// <summary>A shard that the library can be trusted with: whatever the file holds, it ends, and takes no more than some memory.</summary>
    private static BoundedReads Open(string shard)
    {
        MemoryBound.Hold();
        // Opening a pipe would wait for its other end.
        if (PlainFile.Length(shard) is null or 0)
            throw new InvalidDataException("the file is empty.");
        var stream = new BoundedReads(File.OpenRead(shard));
        try
        {
            ParquetFooter.Check(stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static int Rows(ParquetRowGroupReader rows) => rows.RowCount is >= 0 and <= LargestRowGroup
        ? (int)rows.RowCount
        : throw new InvalidDataException($"a row group claims {rows.RowCount} rows; at most {LargestRowGroup} are read.");

    private static DataField Column(ParquetReader reader, string shard, string name) =>
        reader.Schema.DataFields.FirstOrDefault(field => field.Path.ToString() == (name == "label" ? name : "image/" + name))
        ?? throw new ConfigurationException($"{shard}: no column {(name == "label" ? name : "image." + name)}; allowed: image.bytes, image.path and label");

    private static T Guarded<T>(string shard, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (ConfigurationException)
        {
            throw;
        }
        catch (OutOfMemoryException e)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{shard}: cannot be read: a row group of it takes more than {MemoryBound.Hold() >> 20} MiB of memory."), e);
        }
#pragma warning disable CA1031 // A damaged shard ends in exceptions of many kinds from the library's depth.
        catch (Exception e)
        {
            throw new ConfigurationException($"{shard}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
#pragma warning restore CA1031
    }

    [GeneratedRegex(@"n\d{8}")]
    private static partial Regex WordNetId();

    private sealed record Place(string Shard, int RowGroup, int Row);
}
