using System.Formats.Tar;
using System.IO.Compression;
using SkiaSharp;
using TrainHarness.Protocol;
using TrainHarness.Tests;
using TrainHarness.Training.Data;

namespace TrainHarness.Training.Tests.Data;

/// <summary>Whatever stands in a binary file, reading it ends well or with one line; nothing is left in the cache by a file that is refused.</summary>
public sealed class HostileFileTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Theory]
    [InlineData("data.tar")]
    [InlineData("data.tgz")]
    public void An_archive_that_was_tampered_with_is_packed_or_refused(string name)
    {
        workshop.WithTwoClasses();
        string archive = UndatedArchive(name);
        PacksOrRefuses(archive, DatasetKind.ImageTar, archive);
    }

    [Fact]
    public void A_member_whose_length_has_more_digits_than_a_number_is_refused()
    {
        string archive = workshop.WithTwoClasses().Archive("data.tar");
        byte[] bytes = File.ReadAllBytes(archive);
        // The length of the first member in base 256: all of its eleven bytes.
        bytes.AsSpan(124, 12).Fill(0xFF);
        bytes[124] = 0x80;
        File.WriteAllBytes(archive, bytes);
        string message = Assert.Throws<ConfigurationException>(() => workshop.OpenTar(archive, 8)).Message;
        Assert.Contains("data.tar: cannot be read", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shard_that_was_tampered_with_is_packed_or_refused()
    {
        await workshop.WithTwoClasses().WriteShards(workshop.InRoot("shards"), withPath: true);
        PacksOrRefuses(workshop.InRoot("shards/train-00000-of-00001.parquet"), DatasetKind.ImageFolder, workshop.InRoot("shards"));
    }

    [Fact]
    public void A_pack_that_was_tampered_with_is_made_anew_or_is_whole()
    {
        byte[] expected = workshop.WithTwoClasses().OpenFolder(8).Planes();
        string pack = Assert.Single(workshop.CachedFiles);
        byte[] whole = File.ReadAllBytes(pack);
        Mutations.Sample(
            whole,
            300,
            bytes =>
            {
                File.WriteAllBytes(pack, bytes);
                using var opened = workshop.OpenFolder(8);
                Assert.Equal(expected, opened.Planes());
            });
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
        Mutations.Sample(
            encoded.ToArray(),
            3_000,
            bytes =>
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
        string path = workshop.InRoot(name);
        using Stream file = File.Create(path);
        using Stream packed = name.EndsWith(".tar", StringComparison.Ordinal) ? file : new GZipStream(file, CompressionLevel.Fastest);
        using var writer = new TarWriter(packed, TarEntryFormat.Ustar);
        foreach (var (split, className, image) in workshop.Images())
        {
            using var content = File.OpenRead(image);
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{split}/{className}/{Path.GetFileName(image)}") { ModificationTime = DateTimeOffset.UnixEpoch, DataStream = content });
        }

        return path;
    }

    private void PacksOrRefuses(string file, DatasetKind kind, string path) => Mutations.Sample(
        File.ReadAllBytes(file),
        500,
        bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                workshop.Open(DatasetWorkshop.Description(kind, path), 8).Dispose();
            }
            catch (ConfigurationException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                Assert.Contains(Path.GetDirectoryName(file)!, error.Message, StringComparison.Ordinal);
                Assert.Empty(workshop.CachedFiles);
            }

            foreach (string cached in workshop.CachedFiles)
                File.Delete(cached);
        });
}
