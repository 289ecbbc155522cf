using System.Globalization;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Sources;

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

    [Fact]
    public void Paths_that_name_other_classes_than_the_labels_only_give_names()
    {
        // Every label has one id and every id one label, whatever a tool that reads the ids would expect.
        var source = Both((0, "n02102040_1.JPEG"), (1, "n01440764_2.JPEG"), (0, "n02102040_3.JPEG"), (1, "n01440764_4.JPEG"));
        Assert.Equal(
            [("n01440764", "2"), ("n01440764", "4"), ("n02102040", "1"), ("n02102040", "3")],
            TrainRows(source, name => name.Split('_')[^1].Split('.')[0])
        );
        Assert.Empty(source.Remarks);
    }

    [Fact]
    public void Labels_that_group_several_ids_are_classes_named_by_their_number_which_is_said()
    {
        var source = Both(
            (0, "n01440764_0.JPEG"),
            (0, "n02102040_1.JPEG"),
            (1, "n02979186_2.JPEG"),
            (1, "n03000684_3.JPEG"),
            (2, "n03028079_4.JPEG"),
            (0, "n01440764_5.JPEG")
        );
        Assert.Equal(["label-00000", "label-00001", "n03028079"], Classes(source));
        Assert.Equal(
            ["2 of 3 labels hold several WordNet ids and are named by their number; label-00000 holds n01440764 and n02102040"],
            source.Remarks
        );
    }

    [Fact]
    public void Other_ids_in_the_validation_split_of_the_same_label_name_no_class()
    {
        Write("train", Row(0, "n01440764_0.JPEG"), Row(1, "n02102040_1.JPEG"));
        Write("validation", Row(0, "n02979186_0.JPEG"), Row(1, "n02102040_1.JPEG"));
        Assert.Equal(["label-00000", "n02102040"], Classes(Source()));
    }

    [Fact]
    public void One_id_under_two_labels_is_refused_with_both_places()
    {
        var file = Write("train", Row(0, "n01440764_0.JPEG"), Row(1, "n02102040_1.JPEG"), Row(1, "n01440764_2.JPEG"));
        Write("validation", Row(0, "n01440764_0.JPEG"), Row(1, "n02102040_1.JPEG"));
        Assert.Equal(
            $"{file}: row 2 of row group 0 has label 1 and n01440764 in its path, "
                + $"and {file}: row 0 of row group 0 has label 0 and the same n01440764; "
                + "allowed: one label for each WordNet id, or paths without them",
            Refusal()
        );
        // Each split by itself is without contradiction.
        Write("train", Row(0, "n01440764_0.JPEG"), Row(1, "n02102040_1.JPEG"));
        var second = Write("validation", Row(0, "n02102040_0.JPEG"), Row(1, "n01440764_1.JPEG"));
        Assert.StartsWith(
            $"{file}: row 1 of row group 0 has label 1 and n02102040 in its path, "
                + $"and {second}: row 0 of row group 0 has label 0 and the same n02102040",
            Refusal(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("scan20230101_0.png", null)]
    [InlineData("plan20230101.png", null)]
    [InlineData("n014407640_0.JPEG", null)]
    [InlineData("n01440764x.JPEG", null)]
    [InlineData("N01440764_0.JPEG", null)]
    [InlineData("n01440764-n02102040.png", null)]
    [InlineData("n01440764_n02102040.png", null)]
    [InlineData("\u00e9n01440764.png", null)]
    [InlineData("n\u0660\u0661\u0664\u0664\u0660\u0667\u0666\u0664.png", null)]
    [InlineData("", null)]
    [InlineData("n01440764", "n01440764")]
    [InlineData("n01440764.JPEG", "n01440764")]
    [InlineData("n01440764_10026_n01440764.JPEG", "n01440764")]
    [InlineData("ILSVRC2012_val_00000001_n01751748.JPEG", "n01751748")]
    [InlineData("train/n01440764/1.JPEG", "n01440764")]
    [InlineData("n00001740/n01440764/x.png", "n01440764")]
    [InlineData("n00001740\\n01440764_1.png", "n01440764")]
    public void A_WordNet_id_in_a_path_is_a_word_of_its_own(string path, string? expected) => Assert.Equal(expected, WordNetId.In(path));

    [Fact]
    public void Paths_that_only_look_like_ids_and_numbers_of_files_name_nothing()
    {
        Assert.Equal(
            ["label-00000", "label-00001"],
            Classes(Both((0, "scan20230101_0.png"), (1, "scan20230102_1.png"), (0, "scan20230102_2.png")))
        );
        Assert.Equal(
            ["label-00000", "label-00001"],
            Classes(
                Both(
                    (0, "cat/n00000001.png"),
                    (0, "cat/n00000002.png"),
                    (0, "cat/n00000003.png"),
                    (1, "dog/n00000001.png"),
                    (1, "dog/n00000002.png")
                )
            )
        );
        Assert.Equal(["label-00000", "label-00001"], Classes(Both((0, "a-n01440764.png"), (1, "b-n01440764.png"))));
    }

    [Fact]
    public void Rows_without_a_path_are_of_the_class_of_their_label()
    {
        var source = Both((0, "n01440764_0.JPEG"), (1, null), (0, null), (2, null), (1, "n02102040_4.JPEG"), (1, null));
        Assert.Equal(["label-00002", "n01440764", "n02102040"], Classes(source));
        Assert.Equal(
            [("label-00002", 1), ("n01440764", 2), ("n02102040", 3)],
            TrainRows(source, _ => 1).GroupBy(row => row.Class).Select(group => (group.Key, group.Count()))
        );
        // The path in front of a null is not taken over by the row behind it.
        Assert.Equal(2, source.List().Count(entry => entry.Name.EndsWith("n01440764_0.JPEG", StringComparison.Ordinal)));
    }

    [Fact]
    public void Statistics_change_nothing()
    {
        foreach (
            var paths in (string?[][])
                [
                    ["n01440764_0.JPEG", "n02102040_1.JPEG"],
                    [null, "n02102040_1.JPEG"],
                    [null, null],
                ]
        )
        {
            Assert.Equal(Prepared(statistics: true), Prepared(statistics: false));

            (string, string, string) Prepared(bool statistics)
            {
                foreach (var split in (string[])["train", "validation"])
                {
                    new HandmadeParquet { Statistics = statistics, RowsPerGroup = 2 }.Write(
                        workshop.InRoot($"shards/{split}-0.parquet"),
                        Row(0, paths[0]),
                        Row(1, paths[1]),
                        Row(0, null),
                        Row(1, null)
                    );
                }

                using var pack = workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("shards")), 2);
                return (string.Join(' ', pack.Header.ClassNames), pack.Header.SourceFingerprint, pack.Fingerprint);
            }
        }
    }

    [Theory]
    [InlineData("int8", 127)]
    [InlineData("uint8", 255)]
    [InlineData("int16", 32767)]
    [InlineData("uint16", 65535)]
    [InlineData("int32", 2147483647)]
    [InlineData("uint32", 4294967295)]
    [InlineData("int64", long.MaxValue)]
    [InlineData("uint64", long.MaxValue)]
    public void Labels_are_integers_of_any_width_and_may_have_gaps(string kind, long largest)
    {
        foreach (var split in (string[])["train", "validation"])
            new HandmadeParquet { Labels = [("label", kind)] }.Write(
                workshop.InRoot($"shards/{split}-0.parquet"),
                Row(0, null),
                Row(5, null),
                Row(largest, null)
            );
        Assert.Equal(["label-00000", "label-00005", $"label-{largest:D5}"], Classes(Source()));
    }

    [Fact]
    public void A_label_that_is_none_is_refused_with_its_row()
    {
        var file = workshop.InRoot("shards/train-0.parquet");
        Write("validation", Row(0, null));
        string[] kinds = ["int64", "uint64", "int8", "int64"];
        Int128?[] labels = [-1, ulong.MaxValue, -128, null];
        string[] expected =
        [
            "has label -1; allowed: 0 to 9223372036854775807",
            "has label 18446744073709551615; allowed: 0 to",
            "has label -128; allowed: 0 to",
            "has no label; allowed: a label from 0",
        ];
        for (var i = 0; i < kinds.Length; i++)
        {
            new HandmadeParquet { Labels = [("label", kinds[i])] }.Write(file, Row(0, null), new ShardRow(Bitmap(1), null, labels[i]));
            Assert.StartsWith($"{file}: row 1 of row group 0 {expected[i]}", Refusal(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("text", "holds text; allowed: integers")]
    [InlineData("double", "holds fractions; allowed: integers")]
    [InlineData("date", "holds neither numbers nor bytes; allowed: integers")]
    public void Labels_of_another_type_are_refused_in_plain_words(string kind, string expected)
    {
        var file = workshop.InRoot("shards/train-0.parquet");
        new HandmadeParquet { Labels = [("label", kind)] }.Write(file, Row(0, null));
        Write("validation", Row(0, null));
        Assert.Equal($"{file}: column label {expected}", Refusal());
    }

    [Theory]
    [InlineData("image", "label", false)]
    [InlineData("img", "label", false)]
    [InlineData("img", "fine_label", false)]
    [InlineData("image", "labels", true)]
    [InlineData("img", "label", true)]
    public void Columns_have_the_names_that_people_give_them(string image, string label, bool plain)
    {
        foreach (var split in (string[])["train", "validation"])
            new HandmadeParquet
            {
                Image = image,
                PlainImage = plain,
                Labels = [(label, "int64")],
            }.Write(workshop.InRoot($"shards/{split}-0.parquet"), Row(0, "a.png"), Row(1, "b.png"));
        using var pack = workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("shards")), 1);
        Assert.Equal(["label-00000", "label-00001"], pack.Header.ClassNames);
        Assert.Equal(Bitmap(0)[56], pack.Planes(Split.Train, 0)[0]);
    }

    [Fact]
    public void The_fine_label_wins_over_the_coarse_one_which_is_said_and_two_labels_are_refused()
    {
        foreach (var split in (string[])["train", "test"])
            new HandmadeParquet { Labels = [("fine_label", "int64"), ("coarse_label", "int32")] }.Write(
                workshop.InRoot($"shards/{split}-0.parquet"),
                Row(0, null),
                Row(1, null)
            );
        var source = Source();
        Assert.Equal(["label-00000", "label-00001"], Classes(source));
        Assert.Equal(["validation: test-*.parquet", "labels: fine_label; coarse_label is not read"], source.Remarks);

        var file = workshop.InRoot("shards/train-0.parquet");
        new HandmadeParquet { Labels = [("label", "int64"), ("fine_label", "int64")] }.Write(file, Row(0, null));
        Assert.Equal(
            $"{file}: has the columns label and fine_label; allowed: one column of a label: label, labels or fine_label, of " + "integers",
            Refusal()
        );
        new HandmadeParquet { Labels = [("coarse_label", "int64")] }.Write(file, Row(0, null));
        Assert.Equal($"{file}: no column of a label; allowed: one column of a label: label, labels or fine_label, of integers", Refusal());
        new HandmadeParquet { Image = "picture" }.Write(file, Row(0, null));
        Assert.Equal(
            $"{file}: no column of an image; allowed: one column of an image: image or img, a structure of bytes and path or nothing "
                + "but bytes",
            Refusal()
        );
        new HandmadeParquet().Write(file, Row(0, null));
        Assert.Equal(
            $"{workshop.InRoot("shards/test-0.parquet")}: its labels are in fine_label, and those of {file} in label; allowed: the "
                + "same column in all shards",
            Refusal()
        );
    }

    [Fact]
    public void An_image_that_is_null_is_named_and_not_taken_from_another_row()
    {
        Write("validation", Row(0, null));
        Write("train", Row(0, null), new ShardRow(null, null, 0), Row(0, null));
        var message = Assert
            .Throws<ConfigurationException>(() =>
                workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("shards")), 1)
            )
            .Message;
        Assert.Contains(
            "cannot be decoded: train/label-00000/train-0-0000-000001-image.jpeg (the file is empty); allowed: " + "0",
            message,
            StringComparison.Ordinal
        );
        Write("train", new ShardRow(null, null, 0), new ShardRow(null, null, 0));
        message = Assert
            .Throws<ConfigurationException>(() =>
                workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("shards")), 1)
            )
            .Message;
        Assert.Contains(
            "000000-image.jpeg (the file is empty), train/label-00000/train-0-0000-000001-image.jpeg (the file is " + "empty)",
            message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(8, 16)]
    [InlineData(8, 24)]
    [InlineData(1, 1)]
    public void A_column_that_holds_fewer_labels_than_rows_is_refused(int width, int bytes)
    {
        var file = workshop.InRoot("shards/train-0.parquet");
        Write("validation", Row(0, null));
        var shard = new HandmadeParquet { Labels = [("label", width == 8 ? "int64" : "int32")], BytesLeftOut = bytes };
        shard.Write(file, Row(0, null), Row(0, null), Row(0, null));
        Assert.StartsWith($"{file}: cannot be read: ", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_in_one_split_only_and_a_path_with_control_characters_are_refused_or_named_in_one_line()
    {
        Write("train", Row(0, null), Row(7, null));
        Write("validation", Row(0, null));
        Assert.Contains("class label-00007 is in train/ and not in val/", Refusal(), StringComparison.Ordinal);
        Write("train", Row(0, "a\nb.png"));
        Assert.Equal("train/label-00000/train-0-0000-000000-a_b.png", Source().List()[0].Name);
    }

    private static ShardRow Row(long label, string? path) => new(Bitmap((byte)label), path, label);

    private static string[] Classes(ParquetShards source) =>
        [.. source.List().Select(entry => entry.ClassName).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<(string Class, T Name)> TrainRows<T>(ParquetShards source, Func<string, T> name) =>
        source.List().Where(entry => entry.Split == Split.Train).Select(entry => (entry.ClassName, name(entry.Name)));

    private ParquetShards Source() => new(workshop.InRoot("shards"));

    private ParquetShards Both(params (long Label, string? Path)[] rows)
    {
        foreach (var split in (string[])["train", "validation"])
            Write(split, [.. rows.Select(row => Row(row.Label, row.Path))]);
        return Source();
    }

    private string Write(string split, params ShardRow[] rows)
    {
        var file = workshop.InRoot($"shards/{split}-0.parquet");
        new HandmadeParquet().Write(file, rows);
        return file;
    }

    private string Refusal()
    {
        var message = Assert.Throws<ConfigurationException>(() => Source().List()).Message;
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
        return message;
    }

    private void WriteSplit(string split, string[] ids, Func<string, int, string> path)
    {
        ShardRow[] rows =
        [
            .. Enumerable
                .Range(0, 9)
                .Select(k => new ShardRow(Bitmap((byte)(k + split.Length)), path(ids[k % ids.Length], k), k % ids.Length)),
        ];
        for (var shard = 0; shard < 2; shard++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"shards/data/{split}-{shard:D5}-of-00002.parquet");
            new HandmadeParquet { RowsPerGroup = 3 }.Write(workshop.InRoot(name), shard == 0 ? rows[..4] : rows[4..]);
        }
    }

    /// <summary>One pixel, byte for byte, so that no encoder's version decides a fingerprint.</summary>
    internal static byte[] Bitmap(byte shade) =>
        [
            .. "BM"u8,
            58,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            54,
            0,
            0,
            0,
            40,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            1,
            0,
            24,
            0,
            0,
            0,
            0,
            0,
            4,
            0,
            0,
            0,
            .. new byte[16],
            shade,
            7,
            9,
            0,
        ];
}
