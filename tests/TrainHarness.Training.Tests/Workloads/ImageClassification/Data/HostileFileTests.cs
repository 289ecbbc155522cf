using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using SkiaSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources.Validation;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>
/// Whatever stands in a binary file, reading it ends well or with one line; nothing is left in the cache by a file that is refused.
/// </summary>
[Trait("Lane", "long")]
public sealed class HostileFileTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Theory]
    [InlineData("data.tar")]
    [InlineData("data.tgz")]
    public async Task An_archive_that_was_tampered_with_is_packed_or_refused(string name)
    {
        workshop.WithTwoClasses();
        var archive = UndatedArchive(name);
        await Ends(() => PacksOrRefuses(archive, DatasetKind.ImageTar, archive));
    }

    [Fact]
    public async Task A_zip_that_was_tampered_with_is_packed_or_refused()
    {
        workshop.WithTwoClasses().WriteAsTinyImageNet();
        var zip = UndatedZip();
        await Ends(() => PacksOrRefuses(zip, DatasetKind.ImageFolder, zip));
    }

    [Fact]
    public async Task Annotations_that_were_tampered_with_are_read_or_refused()
    {
        workshop.WithTwoClasses().WriteAsTinyImageNet();
        await Ends(() => PacksOrRefuses(workshop.InRoot("tiny/val/val_annotations.txt"), DatasetKind.ImageFolder, workshop.InRoot("tiny")));
    }

    [Fact]
    public void An_archive_whose_attributes_are_longer_than_any_is_refused()
    {
        var archive = workshop.WithTwoClasses().Archive("data.tar");
        var bytes = File.ReadAllBytes(archive);
        // The length of the first entry, which holds attributes of the second, in octal.
        Assert.Equal((byte)'x', bytes[156]);
        "77777777777"u8.CopyTo(bytes.AsSpan(124));
        File.WriteAllBytes(archive, bytes);
        var message = Assert.Throws<ConfigurationException>(() => workshop.OpenTar(archive, 8)).Message;
        Assert.Contains("data.tar: cannot be read", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_whose_length_has_more_digits_than_a_number_is_refused()
    {
        var archive = workshop.WithTwoClasses().Archive("data.tar");
        var bytes = File.ReadAllBytes(archive);
        // The length of the first member in base 256: all of its eleven bytes.
        bytes.AsSpan(124, 12).Fill(0xFF);
        bytes[124] = 0x80;
        File.WriteAllBytes(archive, bytes);
        var message = Assert.Throws<ConfigurationException>(() => workshop.OpenTar(archive, 8)).Message;
        Assert.Contains("data.tar: cannot be read", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shard_that_was_tampered_with_is_packed_or_refused()
    {
        await workshop.WithTwoClasses().WriteShards(workshop.InRoot("shards"), withPath: true);
        await Ends(() =>
            PacksOrRefuses(workshop.InRoot("shards/train-00000-of-00001.parquet"), DatasetKind.ImageFolder, workshop.InRoot("shards"))
        );
    }

    [Fact]
    public async Task A_shard_whose_footer_was_tampered_with_is_read_or_refused()
    {
        var folder = workshop.InRoot("shards");
        await workshop.WithTwoClasses().WriteShards(folder, withPath: true);
        var shard = Path.Combine(folder, "train-00000-of-00001.parquet");
        var whole = File.ReadAllBytes(shard);
        var footer = BitConverter.ToInt32(whole, whole.Length - 8);
        var before = whole[..(whole.Length - 8 - footer)];
        var tried = 0;
        var refused = 0;
        await Ends(() => Mutations.Sample(whole[before.Length..^8], 3_000, bytes =>
            {
                tried++;
                File.WriteAllBytes(shard, [.. before, .. bytes, .. BitConverter.GetBytes(bytes.Length), .. "PAR1"u8]);
                try
                {
                    var source = new ParquetShards(folder);
                    foreach (var example in source.Read(source.List()))
                        Render(example);
                }
                catch (ConfigurationException error)
                {
                    Assert.StartsWith(folder, error.Message, StringComparison.Ordinal);
                    Assert.DoesNotContain('\n', error.Message);
                    refused++;
                }
            }));
        Assert.InRange(refused, tried / 3, tried - 1);
    }

    [Theory]
    [InlineData("15FF", "its footer ends too early.")] // A number whose last byte says that more follow: Parquet.Net 6.1 reads on for ever.
    [InlineData("0919F1FFFFFFFF07", "its footer claims a list of 2147483647 elements.")] // Of lists, which end where the footer does.
    [InlineData("F9F1FFFFFFFF07F9F1FFFFFFFF0700", "its footer claims a list of 2147483647 elements.")] // Of flags, which take no bytes.
    [InlineData("29FCFFFFFFFF0700", "its footer claims a list of 2147483647 elements.")]
    [InlineData("F91919191919191919191919190000", "its footer has a field of unknown type 9.")]
    public async Task A_footer_that_would_be_read_for_ever_is_refused(string footer, string expected)
    {
        var bytes = Convert.FromHexString(footer);
        var shard = Path.Combine(Directory.CreateDirectory(workshop.InRoot("shards")).FullName, "train-0.parquet");
        File.WriteAllBytes(shard, [.. "PAR1"u8, .. bytes, .. BitConverter.GetBytes(bytes.Length), .. "PAR1"u8]);
        File.Copy(shard, workshop.InRoot("shards/validation-0.parquet"));
        var message = "";
        await Ends(() =>
            message = Assert.Throws<ConfigurationException>(() => new ParquetShards(workshop.InRoot("shards")).List()).Message
        );
        Assert.Equal($"{shard}: cannot be read: {expected}", message);
    }

    [Fact]
    public async Task A_pipe_in_place_of_a_shard_is_refused_and_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs mkfifo");
        var folder = Directory.CreateDirectory(workshop.InRoot("shards")).FullName;
        using var made = System.Diagnostics.Process.Start(
            "mkfifo",
            [Path.Combine(folder, "train-0.parquet"), Path.Combine(folder, "validation-0.parquet")]
        );
        await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        var message = "";
        await Ends(() => message = Assert.Throws<ConfigurationException>(() => new ParquetShards(folder).List()).Message);
        Assert.Contains("the file is empty", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_reader_that_goes_past_the_end_or_in_circles_is_stopped()
    {
        var file = workshop.InRoot("file");
        File.WriteAllBytes(file, new byte[1_000]);
        using var reads = new BoundedReads(File.OpenRead(file));
        reads.Seek(-1, SeekOrigin.End);
        Assert.Equal(0, reads.ReadByte());
        Assert.Equal("it says that more follows where it ends.", Assert.Throws<InvalidDataException>(() => reads.ReadByte()).Message);
        Assert.Equal("it sends its reader in circles.", Assert.Throws<InvalidDataException>(Circle).Message);

        void Circle()
        {
            while (true)
            {
                reads.Position = 0;
                reads.ReadByte();
            }
        }
    }

    [Fact]
    public void A_pack_that_was_tampered_with_is_made_anew_or_is_whole()
    {
        var expected = workshop.WithTwoClasses().OpenFolder(8).Planes();
        var pack = Assert.Single(workshop.CachedFiles);
        var whole = File.ReadAllBytes(pack);
        Mutations.Sample(whole, 300, bytes =>
        {
            File.WriteAllBytes(pack, bytes);
            using var opened = workshop.OpenFolder(8);
            Assert.Equal(expected, opened.Planes());
        });
    }

    [Fact]
    public void A_type_that_the_header_of_a_pack_names_is_not_made_and_the_pack_is_made_anew()
    {
        var expected = workshop.WithTwoClasses().OpenFolder(8).Planes();
        var pack = Assert.Single(workshop.CachedFiles);
        var bytes = File.ReadAllBytes(pack);
        // A mark and a version before the length of the header, and room for more after it.
        const int lengthAt = 12;
        var length = BitConverter.ToInt32(bytes, lengthAt);
        byte[] json =
        [
            .. Encoding.UTF8.GetBytes($"{{\"$type\":\"{typeof(Bait).AssemblyQualifiedName}\","),
            .. bytes[(lengthAt + 5)..(lengthAt + 4 + length)],
        ];
        BitConverter.GetBytes(json.Length).CopyTo(bytes, lengthAt);
        json.CopyTo(bytes, lengthAt + 4);
        File.WriteAllBytes(pack, bytes);
        using var opened = workshop.OpenFolder(8);
        Assert.Equal(expected, opened.Planes());
        Assert.Contains(
            "its header was not written by this version",
            Assert.Single(workshop.Reports, report => report.Rejected is not null).Rejected!,
            StringComparison.Ordinal
        );
        Assert.Equal(0, Bait.Made);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void An_image_that_was_tampered_with_is_decoded_or_refused(SKEncodedImageFormat format)
    {
        using var bitmap = SKBitmap.Decode(Picture.Png(24, 16, (x, y) => new SKColor((byte)(x * 10), (byte)(y * 15), 90)));
        using var encoded = bitmap.Encode(format, 90);
        var planes = new byte[3 * 8 * 8];
        Mutations.Sample(encoded.ToArray(), 3_000, bytes =>
        {
            try
            {
                EncodedImage.Render(bytes, 8, planes);
            }
            catch (UndecodableImageException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
        });
    }

    // The same bytes in every run.
    private string UndatedArchive(string name)
    {
        var path = workshop.InRoot(name);
        using Stream file = File.Create(path);
        using var packed = name.EndsWith(".tar", StringComparison.Ordinal) ? file : new GZipStream(file, CompressionLevel.Fastest);
        using var writer = new TarWriter(packed, TarEntryFormat.Ustar);
        foreach (var (split, className, image) in workshop.Images())
        {
            using var content = File.OpenRead(image);
            writer.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, $"{split}/{className}/{Path.GetFileName(image)}")
                {
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = content,
                }
            );
        }

        return path;
    }

    private string UndatedZip()
    {
        var path = workshop.InRoot("tiny.zip");
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (
            var file in Directory.EnumerateFiles(workshop.InRoot("tiny"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        )
        {
            var entry = archive.CreateEntry(Path.GetRelativePath(workshop.InRoot(""), file).Replace('\\', '/'), CompressionLevel.Fastest);
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var stream = entry.Open();
            stream.Write(File.ReadAllBytes(file));
        }

        return path;
    }

    // A reader that does not end keeps its thread, which ends with the process, and not the tests.
    private static Task Ends(Action read) =>
        Task.Run(read, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);

    private static void Render(PendingExample example)
    {
        try
        {
            example.Render(8, new byte[3 * 8 * 8]);
        }
        catch (UndecodableImageException)
        {
            // Its place in the shard was moved.
        }
    }

    private void PacksOrRefuses(string file, DatasetKind kind, string path) => Mutations.Sample(File.ReadAllBytes(file), 500, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                workshop.Open(DatasetWorkshop.Description(kind, path), 8).Dispose();
            }
            catch (ConfigurationException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                Assert.Contains(Path.GetDirectoryName(path)!, error.Message, StringComparison.Ordinal);
                Assert.Empty(workshop.CachedFiles);
            }

            foreach (var cached in workshop.CachedFiles)
                File.Delete(cached);
        });
}
