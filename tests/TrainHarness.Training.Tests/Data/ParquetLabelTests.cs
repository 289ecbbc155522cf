using System.Globalization;
using TrainHarness.Protocol;
using TrainHarness.Training.Data;

namespace TrainHarness.Training.Tests.Data;

/// <summary>In Parquet the column of labels is the truth; what stands in paths is a name or nothing.</summary>
public sealed class ParquetLabelTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void Shards_as_ImageNet_has_them_give_the_classes_and_the_fingerprint_that_they_always_gave()
    {
        // Names of files as in imagenet-1k, where an id ends the name, and several row groups.
        string[] ids = ["n01440764", "n02102040", "n03000684"];
        WriteSplit("train", ids, (id, k) => $"{id}_{100 + k}_{id}.JPEG");
        WriteSplit("validation", ids, (id, k) => $"ILSVRC2012_val_{k:D8}_{id}.JPEG");

        using var pack = workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("shards")), 2);

        // What commit cee059b made of these bytes.
        Assert.Equal("1db7bc5819b4f6d2f9011269980ad56729f2e4f1c990c557e97c27dc1bb99b42", pack.Header.SourceFingerprint);
        Assert.Equal(ids, pack.Header.ClassNames);
        var names = new ParquetShards(workshop.InRoot("shards")).List().Select(entry => entry.Name).ToList();
        Assert.Equal(18, names.Count);
        Assert.Equal("train/n01440764/train-00000-of-00002-0000-000000-n01440764_100_n01440764.JPEG", names[0]);
        Assert.Equal("val/n03000684/validation-00001-of-00002-0001-000001-ILSVRC2012_val_00000008_n03000684.JPEG", names[17]);
    }

    private void WriteSplit(string split, string[] ids, Func<string, int, string> path)
    {
        ShardRow[] rows = [.. Enumerable.Range(0, 9).Select(k => new ShardRow(Bitmap((byte)(k + split.Length)), path(ids[k % ids.Length], k), k % ids.Length))];
        for (int shard = 0; shard < 2; shard++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"shards/data/{split}-{shard:D5}-of-00002.parquet");
            new HandmadeParquet { RowsPerGroup = 3 }.Write(workshop.InRoot(name), shard == 0 ? rows[..4] : rows[4..]);
        }
    }

    /// <summary>One pixel, byte for byte, so that no encoder's version decides a fingerprint.</summary>
    internal static byte[] Bitmap(byte shade) =>
        [.. "BM"u8, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 4, 0, 0, 0, .. new byte[16], shade, 7, 9, 0];
}
