using CsCheck;
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
        string archive = workshop.WithTwoClasses().Archive(name);
        PacksOrRefuses(archive, DatasetKind.ImageTar, archive);
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
        Mutations.Of(whole).Sample(
            bytes =>
            {
                File.WriteAllBytes(pack, bytes);
                using var opened = workshop.OpenFolder(8);
                Assert.Equal(expected, opened.Planes());
            },
            iter: 300,
            threads: 1);
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
        Mutations.Of(encoded.ToArray()).Sample(
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
            },
            iter: 3_000,
            threads: 1);
    }

    private void PacksOrRefuses(string file, DatasetKind kind, string path) => Mutations.Of(File.ReadAllBytes(file)).Sample(
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
        },
        iter: 500,
        threads: 1);
}
