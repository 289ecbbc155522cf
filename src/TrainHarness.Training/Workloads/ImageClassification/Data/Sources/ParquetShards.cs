using System.Globalization;
using Parquet;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources.Validation;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// The Parquet shards in which Hugging Face gives out image datasets such as imagenet-1k: files as in <see cref="ShardFiles"/>,
/// columns as in <see cref="ShardColumns"/>.
/// </summary>
/// <remarks>The label column decides the class; the WordNet id in an image's path only names it, as ImageNet's folders are named.</remarks>
internal sealed class ParquetShards : IExampleSource
{
    // Part of the names of examples, which may not change with what else is taken for an image.
    private static readonly string[] KeptExtensions = [".jpeg", ".jpg", ".png", ".webp", ".bmp", ".gif"];

    private readonly string folder;
    private readonly ShardFiles files;
    private readonly List<string> remarks;
    private readonly Dictionary<string, ShardPlace> placeOf = new(StringComparer.Ordinal);
    private ShardColumns? columns;
    private string? firstShard;
    private IReadOnlyList<ExampleEntry>? entries;

    /// <exception cref="ConfigurationException">A shard is missing.</exception>
    public ParquetShards(string path)
    {
        folder = Path.GetFullPath(path);
        files = ShardFiles.In(folder);
        remarks = [.. files.Remarks];
        using var hash = new ContentHash();
        hash.Add(folder);
        foreach (var shard in (string[])[.. files.Of(Split.Train), .. files.Of(Split.Validation)])
            hash.Add(shard).Add(new FileInfo(shard).Length).Add(File.GetLastWriteTimeUtc(shard).Ticks);
        Stamp = hash.Finish();
    }

    public string Stamp { get; }

    public IReadOnlyList<string> Remarks => remarks;

    public static bool IsAt(string path) => ShardFiles.IsAt(path);

    public IReadOnlyList<ExampleEntry> List() => entries ??= ReadLayout();

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        List();
        var groups = chosen
            .Select((example, index) => (Place: placeOf[example.Name], Index: index))
            .GroupBy(wanted => (wanted.Place.Shard, wanted.Place.RowGroup))
            .OrderBy(group => group.Key.Shard, StringComparer.Ordinal)
            .ThenBy(group => group.Key.RowGroup);
        foreach (var group in groups)
        {
            var images = Guarded(group.Key.Shard, () => ReadImages(group.Key.Shard, group.Key.RowGroup));
            foreach (var (place, index) in group)
            {
                if (place.Row >= images.Length)
                    throw new ConfigurationException(
                        $"{place.Shard}: row {place.Row} of row group {place.RowGroup} is gone; the shard was changed while it was read"
                    );
                var encoded = images[place.Row] ?? [];
                yield return new PendingExample(index, (side, destination) => EncodedImage.Render(encoded, side, destination));
            }
        }
    }

    private IReadOnlyList<ExampleEntry> ReadLayout()
    {
        var classes = new ShardClasses();
        List<LabelledRow> rows = [];
        foreach (var split in (Split[])[Split.Train, Split.Validation])
        {
            foreach (var shard in files.Of(split))
                Guarded(shard, () => AddShard(classes, rows, split, shard));
        }

        var (names, said) = classes.Name();
        var layout = new ImageLayout(folder);
        foreach (var row in rows)
        {
            layout.AddImage(row.Split, names[row.Label], row.FileName, 0);
            placeOf[$"{ImageLayout.FolderOf(row.Split)}/{names[row.Label]}/{row.FileName}"] = row.Place;
        }

        var listed = layout.Entries();
        remarks.AddRange(said);
        if (columns is { HasCoarseLabel: true })
            remarks.Add($"labels: {columns.Label}; coarse_label is not read");
        return listed;
    }

    private async Task<bool> AddShard(ShardClasses classes, List<LabelledRow> rows, Split split, string shard)
    {
        await using var stream = Open(shard);
        await using var reader = await ParquetReader.CreateAsync(stream);
        var here = ColumnsOf(reader, shard);
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var cells = reader.OpenRowGroupReader(group);
            var labels = await ShardRows.Labels(cells, ShardColumns.Field(reader.Schema, here.Label));
            var paths = here.Path is { } path
                ? await ShardRows.Texts(cells, ShardColumns.Field(reader.Schema, path))
                : new string?[labels.Length];
            for (var row = 0; row < labels.Length; row++)
            {
                var place = new ShardPlace(shard, group, row);
                var label = Label(labels[row], place);
                classes.Add(split, label, paths[row], place);
                rows.Add(new LabelledRow(split, label, FileName(place, paths[row]), place));
            }
        }

        return true;
    }

    private ShardColumns ColumnsOf(ParquetReader reader, string shard)
    {
        var here = ShardColumns.Of(reader.Schema, shard);
        firstShard ??= shard;
        if ((columns ??= here).Label != here.Label)
            throw new ConfigurationException(
                $"{shard}: its labels are in {here.Label}, and those of {firstShard} in {columns.Label}; allowed: the same column in "
                    + "all shards"
            );
        return here;
    }

    private static long Label(Int128? label, ShardPlace place)
    {
        if (label is null)
            throw new ConfigurationException($"{place} has no label; allowed: a label from 0 for every image");
        return label >= 0 && label <= long.MaxValue
            ? (long)label
            : throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{place} has label {label}; allowed: 0 to {long.MaxValue}, as labels that are not given out are often -1"
                )
            );
    }

    // Two shards may use one name; the place makes it one of its own.
    private static string FileName(ShardPlace place, string? path)
    {
        var file = string.Concat(Path.GetFileName(path ?? "image").Select(letter => char.IsControl(letter) ? '_' : letter));
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileNameWithoutExtension(place.Shard)}-{place.RowGroup:D4}-{place.Row:D6}-{file}"
        );
        return KeptExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) ? name : name + ".jpeg";
    }

    private static async Task<byte[]?[]> ReadImages(string shard, int rowGroup)
    {
        await using var stream = Open(shard);
        await using var reader = await ParquetReader.CreateAsync(stream);
        using var rows = reader.OpenRowGroupReader(rowGroup);
        return await ShardRows.Bytes(rows, ShardColumns.Field(reader.Schema, ShardColumns.Of(reader.Schema, shard).Image));
    }

    /// <summary>
    /// A shard that the library can be trusted with: whatever the file holds, it ends, and takes no more than some memory.
    /// </summary>
    private static BoundedReads Open(string shard)
    {
        MemoryBound.Hold();
        // Opening a pipe would wait for its other end.
        if (PlainFile.Length(shard) is null or 0)
            throw new InvalidDataException("the file is empty.");
        var stream = new BoundedReads(File.OpenRead(shard));
        try
        {
            RequireNoPointer(stream);
            ParquetFooter.Check(stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static void RequireNoPointer(BoundedReads stream)
    {
        Span<byte> start = stackalloc byte[15];
        if (stream.Length >= start.Length && stream.ReadAtLeast(start, start.Length) > 0 && start.SequenceEqual("version https:/"u8))
            throw new InvalidDataException("it is a pointer of Git LFS, which stands for the file until 'git lfs pull' fetches it.");
    }

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
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{shard}: cannot be read: a row group of it takes more than {MemoryBound.Hold() >> 20} MiB of memory."
                ),
                e
            );
        }
#pragma warning disable CA1031 // A damaged shard ends in exceptions of many kinds from the library's depth.
        catch (Exception e)
        {
            throw new ConfigurationException($"{shard}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
#pragma warning restore CA1031
    }

    private sealed record LabelledRow(Split Split, long Label, string FileName, ShardPlace Place);
}
