using System.Formats.Tar;
using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using SkiaSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>A temporary folder with a source that a test makes, and a cache beside it; both go when the test ends.</summary>
internal sealed class DatasetWorkshop : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("trainharness-data-").FullName;

    public string Source => Path.Combine(root, "source");

    public string Cache => Path.Combine(root, "cache");

    /// <summary>What the packing reported, in order.</summary>
    public List<PreparationProgress> Reports { get; } = [];

    public IReadOnlyList<string> CachedFiles => Directory.Exists(Cache) ? Directory.GetFiles(Cache) : [];

    public static DatasetDescription Description(DatasetKind kind, string? path, SyntheticDescription? synthetic = null) =>
        new()
        {
            Name = "test",
            Kind = kind,
            Path = path,
            Mean = [0.5, 0.5, 0.5],
            StandardDeviation = [0.25, 0.25, 0.25],
            Synthetic = synthetic,
        };

    public string InRoot(string name) => Path.Combine(root, name);

    public void Write(string name, byte[] content)
    {
        var path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    public void AddFolder(string name) => Directory.CreateDirectory(Path.Combine(Source, name));

    /// <summary>Two classes with three training and two validation images each, all different, 12 × 8 pixels.</summary>
    public DatasetWorkshop WithTwoClasses()
    {
        byte shade = 0;
        foreach (var folder in (string[])["train/ant", "train/bee", "val/ant", "val/bee"])
        {
            for (var i = 0; i < (folder.StartsWith("train", StringComparison.Ordinal) ? 3 : 2); i++, shade += 20)
                Write($"{folder}/{i}.png", Picture.Png(12, 8, (x, y) => new SKColor(shade, (byte)(x * 20), (byte)(y * 30))));
        }

        return this;
    }

    /// <summary>The source folder as an archive, its names under <paramref name="prefix"/>.</summary>
    public string Archive(string name, string prefix = "")
    {
        var path = InRoot(name);
        using Stream file = File.Create(path);
        using var packed = name.EndsWith(".tar", StringComparison.Ordinal) ? file : new GZipStream(file, CompressionLevel.Fastest);
        using var writer = new TarWriter(packed, TarEntryFormat.Pax);
        foreach (
            var entry in Directory
                .EnumerateFileSystemEntries(Source, "*", SearchOption.AllDirectories)
                .OrderDescending(StringComparer.Ordinal)
        )
            writer.WriteEntry(entry, prefix + Path.GetRelativePath(Source, entry).Replace(Path.DirectorySeparatorChar, '/'));
        return path;
    }

    public DatasetPack OpenFolder(int side, Subset? subset = null, bool verify = true) =>
        Open(Description(DatasetKind.ImageFolder, Source), side, subset, verify);

    public DatasetPack OpenTar(string archive, int side) => Open(Description(DatasetKind.ImageTar, archive), side);

    public DatasetPack Open(DatasetDescription description, int side, Subset? subset = null, bool verify = true)
    {
        Reports.Clear();
        return DatasetPreparation.OpenOrCreate(
            description,
            subset ?? Subset.Everything,
            side,
            null,
            Cache,
            verify,
            new Recorder(Reports),
            TestContext.Current.CancellationToken
        );
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>The images of the source folder.</summary>
    public IEnumerable<(string Split, string ClassName, string File)> Images() =>
        from split in (string[])["train", "val"]
        from className in (string[])["ant", "bee"]
        from file in Directory.EnumerateFiles(Path.Combine(Source, split, className)).Order(StringComparer.Ordinal)
        select (split, className, file);

    /// <summary>The source folder's images in two shards, as Hugging Face gives ImageNet out.</summary>
    public async Task WriteShards(string folder, bool withPath)
    {
        Directory.CreateDirectory(folder);
        await WriteShard(
            Path.Combine(folder, "train-00000-of-00001.parquet"),
            [.. Images().Where(image => image.Split == "train")],
            withPath
        );
        await WriteShard(
            Path.Combine(folder, "validation-00000-of-00001.parquet"),
            [.. Images().Where(image => image.Split == "val")],
            withPath
        );
    }

    /// <summary>The source folder's images as Tiny-ImageNet has them, in the folder tiny.</summary>
    public void WriteAsTinyImageNet()
    {
        var annotations = new List<string>();
        foreach (var (split, className, file) in Images())
        {
            var name =
                split == "train"
                    ? $"train/{className}/images/{className}_{Path.GetFileName(file)}"
                    : $"val/images/val_{annotations.Count}.png";
            Directory.CreateDirectory(Path.GetDirectoryName(InRoot($"tiny/{name}"))!);
            File.Copy(file, InRoot($"tiny/{name}"));
            if (split == "val")
                annotations.Add($"{Path.GetFileName(name)}\t{className}\t0\t32\t44\t62");
        }

        File.WriteAllText(InRoot("tiny/train/ant/ant_boxes.txt"), "ant_0.png\t0\t10\t63\t58\n");
        File.WriteAllText(InRoot("tiny/wnids.txt"), "ant\nbee\n");
        File.WriteAllLines(InRoot("tiny/val/val_annotations.txt"), annotations);
    }

    // Progress<T> reports later and on another thread; a test wants them in order.
    private sealed class Recorder(List<PreparationProgress> reports) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value)
        {
            lock (reports)
                reports.Add(value);
        }
    }

    private static async Task WriteShard(string file, List<(string Split, string ClassName, string File)> images, bool withPath)
    {
        var (bytes, path) = (new DataField<byte[]>("bytes"), new DataField<string>("path"));
        var label = new DataField<long>("label", nullable: true);
        var schema = new ParquetSchema(new StructField("image", bytes, path), label);
        await using var stream = File.Create(file);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        // Two row groups, as real shards have many.
        foreach (var group in images.Chunk((images.Count + 1) / 2))
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(bytes, [.. group.Select(image => File.ReadAllBytes(image.File))]);
            await rows.WriteAsync(
                path,
                [.. group.Select((image, row) => withPath ? $"n0000000{(image.ClassName == "ant" ? 1 : 2)}_{row}.png" : null)]
            );
            await rows.WriteAsync<long>(label, group.Select(image => (long?)(image.ClassName == "ant" ? 0 : 1)).ToArray());
        }
    }
}
