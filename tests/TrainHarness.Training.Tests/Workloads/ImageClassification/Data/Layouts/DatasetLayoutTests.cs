using System.IO.Compression;
using SkiaSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs.Validation;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Layouts;

/// <summary>Data as people have it on disk, besides folders and archives of class folders.</summary>
public sealed class DatasetLayoutTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void Tiny_ImageNet_gives_the_same_pack_as_the_same_images_in_class_folders()
    {
        var expected = workshop.WithTwoClasses().OpenFolder(8).Planes();
        workshop.WriteAsTinyImageNet();

        Assert.Equal(expected, Open(workshop.InRoot("tiny")));
        ZipFile.CreateFromDirectory(
            workshop.InRoot("tiny"),
            workshop.InRoot("tiny.zip"),
            CompressionLevel.Fastest,
            includeBaseDirectory: true
        );
        Assert.Equal(expected, Open(workshop.InRoot("tiny.zip")));
    }

    [Fact]
    public void An_image_of_Tiny_ImageNet_without_a_class_and_a_broken_annotation_are_named()
    {
        workshop.WithTwoClasses();
        workshop.WriteAsTinyImageNet();
        var annotations = workshop.InRoot("tiny/val/val_annotations.txt");
        var lines = File.ReadAllLines(annotations);

        File.WriteAllLines(annotations, lines[1..]);
        Assert.Contains(
            "val/images/val_0.png has no line in val/val_annotations.txt",
            Refusal(workshop.InRoot("tiny")),
            StringComparison.Ordinal
        );
        File.WriteAllLines(annotations, [.. lines, "only-a-name"]);
        Assert.Contains(
            "val_annotations.txt:5:1: this is no annotation",
            Refusal(workshop.InRoot("tiny")).Replace('\\', '/'),
            StringComparison.Ordinal
        );
        File.WriteAllText(annotations, "");
        Assert.Contains(
            "val/val_annotations.txt is empty; allowed: a line for every image",
            Refusal(workshop.InRoot("tiny")),
            StringComparison.Ordinal
        );
        File.WriteAllText(workshop.InRoot("broken.zip"), "no archive");
        Assert.Contains("broken.zip: is a text file", Refusal(workshop.InRoot("broken.zip")), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_that_lead_back_up_do_not_send_Tiny_ImageNet_round_and_round()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        var expected = workshop.WithTwoClasses().OpenFolder(8).Planes();
        workshop.WriteAsTinyImageNet();
        foreach (var link in (string[])["tiny/one", "tiny/two", "tiny/train/ant/three"])
            Directory.CreateSymbolicLink(workshop.InRoot(link), workshop.InRoot("tiny"));
        Assert.Equal(expected, Open(workshop.InRoot("tiny")));
    }

    [Fact]
    public void An_empty_image_of_Tiny_ImageNet_is_named_as_one_that_cannot_be_decoded()
    {
        workshop.WithTwoClasses().WriteAsTinyImageNet();
        File.WriteAllText(workshop.InRoot("tiny/val/images/val_0.png"), "");
        ZipFile.CreateFromDirectory(
            workshop.InRoot("tiny"),
            workshop.InRoot("tiny.zip"),
            CompressionLevel.Fastest,
            includeBaseDirectory: true
        );
        foreach (var place in (string[])["tiny", "tiny.zip"])
            Assert.Contains(
                "cannot be decoded: val/ant/val_0.png (the file is empty)",
                Refusal(workshop.InRoot(place)),
                StringComparison.Ordinal
            );
    }

    [Fact]
    public async Task Parquet_shards_give_the_same_pack_as_the_same_images_in_class_folders()
    {
        var expected = workshop.WithTwoClasses().OpenFolder(8).Planes();
        await workshop.WriteShards(Path.Combine(workshop.InRoot("shards"), "data"), withPath: true);

        using var pack = workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("shards")), 8);
        Assert.Equal(expected, pack.Planes());
        // The WordNet ids in the paths, as ImageNet's folders are named.
        Assert.Equal(["n00000001", "n00000002"], pack.Header.ClassNames);
    }

    [Fact]
    public async Task Parquet_shards_without_paths_take_their_classes_from_the_labels()
    {
        workshop.WithTwoClasses();
        await workshop.WriteShards(workshop.InRoot("shards"), withPath: false);

        using var pack = workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("shards")), 8);
        Assert.Equal(["label-00000", "label-00001"], pack.Header.ClassNames);
    }

    [Fact]
    public async Task A_damaged_or_missing_shard_is_named()
    {
        workshop.WithTwoClasses();
        await workshop.WriteShards(workshop.InRoot("shards"), withPath: true);
        var shard = workshop.InRoot("shards/validation-00000-of-00001.parquet");
        var whole = File.ReadAllBytes(shard);

        File.WriteAllBytes(shard, whole[..(whole.Length / 2)]);
        Assert.Contains("validation-00000-of-00001.parquet: cannot be read", Refusal(workshop.InRoot("shards")), StringComparison.Ordinal);
        File.Delete(shard);
        Assert.Contains("no validation-*.parquet", Refusal(workshop.InRoot("shards")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dataset_of_some_classes_is_those_classes_and_needs_each_of_them()
    {
        workshop.WithTwoClasses();
        workshop.Write("train/cat/0.png", Picture.Png(2, 2, (_, _) => SKColors.Red));
        workshop.Write("val/cat/0.png", Picture.Png(2, 2, (_, _) => SKColors.Red));
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source);

        using var pack = workshop.Open(description with { Classes = ["cat", "ant"] }, 8);
        Assert.Equal(["ant", "cat"], pack.Header.ClassNames);
        Assert.Equal((4, 3), (pack.Header.TrainCount, pack.Header.ValidationCount));
        using var all = workshop.Open(description, 8);
        Assert.Equal(3, all.Header.ClassNames.Count);
        Assert.Contains(
            "no class dog; the dataset file asks for 2 classes",
            Assert.Throws<ConfigurationException>(() => workshop.Open(description with { Classes = ["dog", "ant"] }, 8)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void As_many_unreadable_images_as_the_dataset_file_allows_are_left_out_and_named()
    {
        workshop.WithTwoClasses();
        var expected = workshop.OpenFolder(8).Planes();
        workshop.Write("train/ant/bad.png", [1, 2, 3]);
        workshop.Write("val/bee/worse.png", []);
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source);

        Assert.Contains(
            "train/ant/bad.png (not a JPEG, PNG, WebP, BMP or GIF of a kind that can be read), val/bee/worse.png (the file is empty); "
                + "allowed: 1 such images",
            Assert.Throws<ConfigurationException>(() => workshop.Open(description with { AllowUnreadable = 1 }, 8)).Message,
            StringComparison.Ordinal
        );
        using var pack = workshop.Open(description with { AllowUnreadable = 2 }, 8);

        Assert.Equal(["train/ant/bad.png", "val/bee/worse.png"], pack.Header.Unreadable);
        Assert.Equal(expected, pack.Planes());
        Assert.Equal(2, workshop.Reports.Count(report => report.Unreadable is not null));
        // Allowed no longer, the pack that lacks them is not used either.
        Assert.Throws<ConfigurationException>(() => workshop.Open(description with { AllowUnreadable = 1 }, 8));
    }

    [Fact]
    public void A_class_of_which_nothing_can_be_read_fails_whatever_is_allowed()
    {
        workshop.WithTwoClasses();
        foreach (var image in Directory.EnumerateFiles(Path.Combine(workshop.Source, "val", "bee")))
            File.WriteAllBytes(image, [1]);

        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source) with { AllowUnreadable = 100 };
        Assert.Contains(
            "no image of val/bee can be decoded",
            Assert.Throws<ConfigurationException>(() => workshop.Open(description, 8)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_pack_is_outdated_once_its_source_was_changed()
    {
        using (workshop.WithTwoClasses().OpenFolder(8)) { }

        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source);
        Assert.Equal(PackState.Whole, Verified().State);
        workshop.Write("train/ant/new.png", Picture.Png(2, 2, (_, _) => SKColors.Red));
        Assert.Equal(PackState.Outdated, Verified().State);

        PackCheck Verified() =>
            Assert.Single(DatasetPreparation.Verify(description, null, workshop.Cache, TestContext.Current.CancellationToken));
    }

    private byte[] Open(string path)
    {
        using var pack = workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, path), 8);
        Assert.Equal(["ant", "bee"], pack.Header.ClassNames);
        return pack.Planes();
    }

    private string Refusal(string path) =>
        Assert.Throws<ConfigurationException>(() => workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, path), 8)).Message;
}
