using System.Buffers.Binary;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Parquet;
using Parquet.Schema;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Sources;

/// <summary>Datasets that were made to do harm: each is refused in one line, in little memory, and nothing is written.</summary>
public sealed class HostileSourceTests : IDisposable
{
    private const long LargestImage = 256 << 20;
    private const long MuchMemory = 400_000_000;
    private const string Source = "TRAINHARNESS_TEST_SOURCE";

    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Theory]
    [InlineData("../../outside.png")]
    [InlineData("/etc/outside.png")]
    [InlineData("train/../../outside/0.png")]
    [InlineData("train/ant/../../../outside.png")]
    public void A_member_that_climbs_out_of_its_archive_is_written_nowhere(string name)
    {
        var before = Listing();
        var archive = Tar("climbing.tar", writer => writer.WriteEntry(Member(name, "no image"u8.ToArray())));

        Refused(DatasetKind.ImageTar, archive);

        Assert.Equal(before, Listing());
    }

    [Theory]
    [InlineData("../../outside.png")]
    [InlineData("/etc/outside.png")]
    [InlineData("tiny/train/../../outside/images/0.png")]
    public void A_member_that_climbs_out_of_its_zip_is_written_nowhere(string name)
    {
        var before = Listing();
        var zip = workshop.InRoot("climbing.zip");
        using (var archive = new ZipArchive(File.Create(zip), ZipArchiveMode.Create))
        {
            Add(archive, "tiny/val/val_annotations.txt", "val.png\tant\n"u8.ToArray());
            Add(archive, name, "no image"u8.ToArray());
        }

        Refused(DatasetKind.ImageFolder, zip);

        Assert.Equal(before, Listing());
    }

    [Theory]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    public void A_device_in_an_archive_is_no_image(TarEntryType kind) =>
        Refused(DatasetKind.ImageTar, Tar("devices.tar", writer => writer.WriteEntry(new PaxTarEntry(kind, "train/ant/0.png"))), "train");

    [Theory]
    [InlineData(TarEntryType.HardLink, "train/ant/1.png")]
    [InlineData(TarEntryType.HardLink, "/etc/passwd")]
    [InlineData(TarEntryType.SymbolicLink, "../../../../../../etc/passwd")]
    public void A_link_in_an_archive_is_refused_and_not_followed(TarEntryType kind, string target) =>
        Refused(
            DatasetKind.ImageTar,
            Tar("links.tar", writer => writer.WriteEntry(new PaxTarEntry(kind, "train/ant/0.png") { LinkName = target })),
            "0.png of class ant is a link; allowed: regular files"
        );

    [Fact]
    public void A_member_larger_than_any_image_is_named_and_not_read_into_memory()
    {
        workshop.WithTwoClasses();
        var archive = workshop.Archive("large.tgz");
        using (var whole = new MemoryStream())
        {
            using (var from = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress))
                from.CopyTo(whole);
            whole.SetLength(whole.Length - 1024);
            using var to = new GZipStream(File.Create(archive), CompressionLevel.Fastest);
            to.Write(whole.ToArray());
            using var writer = new TarWriter(to, TarEntryFormat.Pax);
            writer.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "train/ant/large.png") { DataStream = new Zeros(LargestImage + 1) }
            );
        }

        Assert.True(new FileInfo(archive).Length < 10_000_000);
        Refused(DatasetKind.ImageTar, archive, "train/ant/large.png has 268435457 bytes; allowed: at most 268435456");
    }

    [Fact]
    public void A_zip_that_claims_a_huge_image_is_refused()
    {
        var zip = workshop.InRoot("tiny.zip");
        using (var archive = new ZipArchive(File.Create(zip), ZipArchiveMode.Create))
        {
            Add(archive, "tiny/val/val_annotations.txt", "val.png\tant\n"u8.ToArray());
            Add(archive, "tiny/val/images/val.png", Picture.Png(8, 8, (_, _) => default));
            using var stream = archive.CreateEntry("tiny/train/ant/images/huge.png", CompressionLevel.Fastest).Open();
            new Zeros(LargestImage + 1).CopyTo(stream);
        }

        Refused(DatasetKind.ImageFolder, zip, "huge.png has 268435457 bytes; allowed: at most 268435456");
    }

    [Fact]
    public void A_file_of_CIFAR_larger_than_any_is_named_and_not_read_into_memory()
    {
        var folder = HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py"));
        var archive = workshop.InRoot("cifar.tgz");
        using (var writer = new TarWriter(new GZipStream(File.Create(archive), CompressionLevel.Fastest), TarEntryFormat.Pax))
        {
            writer.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "cifar-10-batches-py/test_batch") { DataStream = new Zeros((512 << 20) + 1) }
            );
        }

        using (var file = File.OpenWrite(Path.Combine(folder, "test_batch")))
            file.SetLength((512 << 20) + 1);

        Refused(DatasetKind.ImageFolder, folder, "test_batch: 536870913 bytes; allowed: at most 536870912");
        Refused(DatasetKind.ImageTar, archive, "test_batch has 536870913 bytes; allowed: at most 536870912");
    }

    [Fact]
    public void Devices_and_pipes_behind_names_of_images_are_not_opened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files");
        workshop.WithTwoClasses();
        File.CreateSymbolicLink(Path.Combine(workshop.Source, "train", "ant", "endless.png"), "/dev/zero");
        Process.Start("mkfifo", Path.Combine(workshop.Source, "train", "ant", "waiting.png")).WaitForExit();

        Refused(
            DatasetKind.ImageFolder,
            workshop.Source,
            "train/ant/endless.png (the file is empty), train/ant/waiting.png (the file is empty)"
        );
    }

    [Fact]
    public void A_link_to_an_image_is_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        workshop.WithTwoClasses();
        var image = Path.Combine(workshop.Source, "train", "ant", "0.png");
        File.Move(image, workshop.InRoot("elsewhere.png"));
        File.CreateSymbolicLink(image, workshop.InRoot("elsewhere.png"));

        using var pack = workshop.OpenFolder(8);

        Assert.Equal(6, pack.Header.TrainCount);
    }

    [Theory]
    [InlineData("huge.png")]
    [InlineData("huge.jpg")]
    [InlineData("huge.bmp")]
    [InlineData("huge.gif")]
    public void An_image_of_fifty_thousand_pixels_a_side_is_refused_before_it_takes_memory(string name)
    {
        workshop.WithTwoClasses();
        workshop.Write(
            $"train/ant/{name}",
            Path.GetExtension(name) switch
            {
                ".png" => HugePng(),
                ".jpg" => HugeJpeg(),
                ".bmp" => HugeBitmap(),
                _ => HugeGif(),
            }
        );

        Refused(DatasetKind.ImageFolder, workshop.Source, $"train/ant/{name} (50000 x 50000 pixels are more than 134217728)");
    }

    private void Refused(DatasetKind kind, string path, string expected = "")
    {
        var before = Environment.WorkingSet;
        var message = Assert.Throws<ConfigurationException>(() => workshop.Open(DatasetWorkshop.Description(kind, path), 8)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Empty(workshop.CachedFiles);
        Assert.True(Environment.WorkingSet - before < MuchMemory, $"took {(Environment.WorkingSet - before) / 1e6:0} MB");
    }

    // What lies beside the archive and beside that.
    private string Listing() =>
        string.Join(
            '\n',
            Directory
                .EnumerateFileSystemEntries(Path.GetDirectoryName(Path.GetDirectoryName(workshop.Source))!)
                .Where(name => name.Contains("outside", StringComparison.Ordinal))
        ) + File.Exists("/etc/outside.png");

    private string Tar(string name, Action<TarWriter> write)
    {
        var path = workshop.InRoot(name);
        using var writer = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        write(writer);
        return path;
    }

    [Fact]
    public async Task A_shard_of_a_few_megabytes_that_takes_more_memory_than_there_is_to_be_is_refused()
    {
        const int rows = 60;
        const int letters = 1_600_000;
        var folder = Directory.CreateDirectory(workshop.InRoot("shards")).FullName;
        var shard = Path.Combine(folder, "train-0.parquet");
        var (bytes, path, label) = (
            new DataField<byte[]>("bytes"),
            new DataField<string>("path"),
            new DataField<long>("label", nullable: true)
        );
        var schema = new ParquetSchema(new StructField("image", bytes, path), label);
        await using (var file = File.Create(shard))
        await using (var writer = await ParquetWriter.CreateAsync(schema, file, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(bytes, [.. Enumerable.Repeat<byte[]>([1], rows)]);
            await group.WriteAsync(path, [.. Enumerable.Repeat<string?>(new string('x', letters), rows)]);
            await group.WriteAsync<long>(
                label,
                Enumerable.Repeat<long?>(0, rows).ToArray(),
                cancellationToken: TestContext.Current.CancellationToken
            );
        }

        Assert.InRange(new FileInfo(shard).Length, 0, 64 << 20);
        File.Copy(shard, Path.Combine(folder, "validation-0.parquet"));
        await InLittleMemory(nameof(The_child_refuses_the_shard), folder);
    }

    [Fact]
    public async Task An_archive_whose_member_claims_attributes_that_take_more_memory_than_there_is_to_be_is_refused()
    {
        // A header of the pax format: a name, a length of 1.5 GB in octal digits, a checksum, and what kind it is.
        var header = new byte[512];
        "PaxHeaders/0"u8.CopyTo(header);
        "0000644\00000000\00000000\013140567000\000000000000\0"u8.CopyTo(header.AsSpan(100));
        "        x"u8.CopyTo(header.AsSpan(148));
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        var sum = header.Sum(value => value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        var archive = workshop.InRoot("attributes.tgz");
        await using (var compressed = new GZipStream(File.Create(archive), CompressionLevel.Fastest))
        {
            compressed.Write(header);
            new Zeros(64 << 20).CopyTo(compressed);
        }

        await InLittleMemory(nameof(The_child_refuses_the_archive), archive);
    }

    // In a process of its own, as the bound is one of the whole process: half of what the runtime is given, here 1 GiB.
    private async Task InLittleMemory(string test, string source)
    {
        var child = await DotnetProcess.Run(
            ["exec", GetType().Assembly.Location, "-explicit", "only", "-method", $"*{nameof(HostileSourceTests)}.{test}"],
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x40000000", [Source] = source }
        );
        Assert.True(child.ExitCode == 0, child.Output);
        Assert.DoesNotContain("Total: 0,", child.Output, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public void The_child_refuses_the_shard()
    {
        var folder = Environment.GetEnvironmentVariable(Source)!;
        var message = Assert.Throws<ConfigurationException>(() => new ParquetShards(folder).List()).Message;
        Assert.Equal(
            $"{Path.Combine(folder, "train-0.parquet")}: cannot be read: a row group of it takes more than 512 MiB of memory.",
            message
        );
    }

    [Fact(Explicit = true)]
    public void The_child_refuses_the_archive()
    {
        var archive = Environment.GetEnvironmentVariable(Source)!;
        var message = Assert.Throws<ConfigurationException>(() => ImageSources.Open(archive).List()).Message;
        Assert.Equal($"{archive}: cannot be read: a member of it takes more than 512 MiB of memory.", message);
    }

    private static PaxTarEntry Member(string name, byte[] content) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        using var stream = archive.CreateEntry(name).Open();
        stream.Write(content);
    }

    // A whole header, and no pixels.
    private static byte[] HugePng()
    {
        byte[] header = [.. "IHDR"u8, 0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50, 8, 2, 0, 0, 0];
        return
        [
            0x89,
            .. "PNG\r\n"u8,
            0x1A,
            0x0A,
            0,
            0,
            0,
            13,
            .. header,
            0xC4,
            0xCD,
            0xAA,
            0x9D,
            0,
            0,
            0,
            0,
            .. "IDAT"u8,
            0x35,
            0xAF,
            0x06,
            0x1E,
        ];
    }

    // Headers of 14 and 40 bytes (BITMAPFILEHEADER, BITMAPINFOHEADER), of 24 bits a pixel, and no pixels.
    private static byte[] HugeBitmap()
    {
        var file = new byte[54];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(2), 54 + (3 * 50_000u * 1_000));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), 50_000);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), 50_000);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(28), 24);
        return file;
    }

    // A screen and a frame of 50,000 by 50,000 with two colours, and the code of one pixel.
    private static byte[] HugeGif() =>
        [
            .. "GIF89a"u8,
            0x50,
            0xC3,
            0x50,
            0xC3,
            0x80,
            0,
            0,
            0,
            0,
            0,
            255,
            255,
            255,
            0x2C,
            0,
            0,
            0,
            0,
            0x50,
            0xC3,
            0x50,
            0xC3,
            0,
            2,
            2,
            0x44,
            0x01,
            0,
            0x3B,
        ];

    // Its frame says 50,000 twice; the rest is of eight by eight.
    private static byte[] HugeJpeg()
    {
        var file = HandmadeJpeg.Of(adobe: null, progressive: true, [128, 128, 128]);
        var frame = file.AsSpan().IndexOf<byte>([0xFF, 0xC2]);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 5), 50_000);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 7), 50_000);
        return file;
    }

    /// <summary>So many zeros, which take no memory.</summary>
    private sealed class Zeros(long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, length - Position);
            Array.Clear(buffer, offset, given);
            Position += given;
            return given;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }
    }
}
