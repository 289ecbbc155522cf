using System.Formats.Tar;
using SkiaSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Sources;

/// <summary>What is wrong with a source is said in one line that names it, and nothing stays in the cache.</summary>
public sealed class SourceRefusalTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void A_missing_folder_is_named() =>
        AssertRefused(DatasetKind.ImageFolder, workshop.InRoot("nowhere"), "nowhere: no such file or folder");

    [Fact]
    public void A_missing_archive_is_named() =>
        AssertRefused(DatasetKind.ImageTar, workshop.InRoot("nowhere.tar"), "nowhere.tar: no such file or folder");

    [Fact]
    public void A_dataset_without_a_place_says_how_to_give_one() => AssertRefused(DatasetKind.ImageFolder, null, "--data PATH");

    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    public void A_missing_split_is_named(string split)
    {
        workshop.WithTwoClasses();
        Directory.Delete(Path.Combine(workshop.Source, split), recursive: true);

        AssertRefusedAsFolderAndArchive($"no {split}/ folder; allowed: train/CLASS/IMAGE and val/CLASS/IMAGE");
    }

    [Fact]
    public void An_empty_class_folder_is_named()
    {
        workshop.WithTwoClasses();
        workshop.AddFolder("train/cat");
        workshop.AddFolder("val/cat");

        AssertRefusedAsFolderAndArchive("cat holds no image");
    }

    [Fact]
    public void A_class_folder_without_images_is_named()
    {
        workshop.WithTwoClasses();
        workshop.Write("train/cat/0.png", Picture.Png(2, 2, (_, _) => SKColors.Red));
        workshop.Write("val/cat/notes.txt", [1]);

        AssertRefused(DatasetKind.ImageFolder, workshop.Source, "val/cat holds no image; allowed: .jpeg, .jpg, .png");
    }

    [Theory]
    [InlineData("train", "val")]
    [InlineData("val", "train")]
    public void A_class_in_one_split_only_is_named(string present, string other)
    {
        workshop.WithTwoClasses();
        workshop.Write($"{present}/cat/0.png", Picture.Png(2, 2, (_, _) => SKColors.Red));

        AssertRefusedAsFolderAndArchive($"class cat is in {present}/ and not in {other}/");
    }

    [Fact]
    public void Images_that_cannot_be_decoded_are_named_with_the_reason()
    {
        workshop.WithTwoClasses();
        var whole = Picture.Jpeg(64, 64, (x, y) => new SKColor((byte)(x * 4), (byte)(y * 4), (byte)(x * y)));
        workshop.Write("train/ant/cut.jpg", whole[..(whole.Length / 2)]);
        workshop.Write("train/ant/empty.jpg", []);
        workshop.Write("val/bee/text.png", "no image"u8.ToArray());

        AssertUndecodable(DatasetKind.ImageFolder, workshop.Source);
        AssertUndecodable(DatasetKind.ImageTar, workshop.Archive("data.tar.gz"));
    }

    [Fact]
    public void Only_the_first_few_images_that_cannot_be_decoded_are_listed()
    {
        workshop.WithTwoClasses();
        for (var i = 0; i < 100; i++)
            workshop.Write($"train/ant/bad{i}.jpg", [1, 2, 3]);

        var message = Assert.Throws<ConfigurationException>(() => workshop.OpenFolder(8)).Message;

        Assert.Equal(21, message.Split("train/ant/bad").Length);
        Assert.Contains("and perhaps more", message, StringComparison.Ordinal);
        Assert.Empty(workshop.CachedFiles);
    }

    [Fact]
    public void Junk_in_place_of_an_archive_is_refused()
    {
        Directory.CreateDirectory(workshop.Source);
        string tar = workshop.InRoot("junk.tar"),
            gz = workshop.InRoot("junk.tgz");
        File.WriteAllBytes(tar, [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))]);
        File.Copy(tar, gz);

        AssertRefused(
            DatasetKind.ImageTar,
            tar,
            "junk.tar: is no archive of a known kind; allowed: a folder, or a tar, tar.gz or zip archive"
        );
        AssertRefused(DatasetKind.ImageTar, gz, "junk.tgz: is no archive of a known kind");
    }

    [Theory]
    [InlineData("data.tar")]
    [InlineData("data.tar.gz")]
    public void A_cut_off_archive_is_refused(string name)
    {
        var archive = workshop.WithTwoClasses().Archive(name);
        var whole = File.ReadAllBytes(archive);
        File.WriteAllBytes(archive, whole[..(whole.Length / 2)]);

        Assert.Throws<ConfigurationException>(() => workshop.OpenTar(archive, 8));

        Assert.Empty(workshop.CachedFiles);
    }

    [Fact]
    public void Links_in_an_archive_are_refused_and_not_followed()
    {
        var archive = workshop.InRoot("links.tar");
        using (var writer = new TarWriter(File.Create(archive), TarEntryFormat.Pax))
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "train/ant/0.png") { LinkName = "/etc/hostname" });

        AssertRefused(DatasetKind.ImageTar, archive, "0.png of class ant is a link");
    }

    [Fact]
    public void A_name_that_is_twice_in_an_archive_is_refused()
    {
        workshop.WithTwoClasses();
        string archive = workshop.Archive("twice.tar"),
            image = Path.Combine(workshop.Source, "train", "ant", "0.png");
        using (var writer = new TarWriter(File.Create(archive), TarEntryFormat.Pax))
        {
            foreach (var name in (string[])["train/ant/0.png", "./train/ant/0.png", "val/ant/0.png"])
                writer.WriteEntry(image, name);
        }

        AssertRefused(DatasetKind.ImageTar, archive, "train/ant/0.png is there twice");
    }

    [Fact]
    public void Two_datasets_in_one_archive_are_refused()
    {
        workshop.WithTwoClasses();
        string archive = workshop.InRoot("two.tar"),
            image = Path.Combine(workshop.Source, "train", "ant", "0.png");
        using (var writer = new TarWriter(File.Create(archive), TarEntryFormat.Pax))
        {
            writer.WriteEntry(image, "a/train/ant/0.png");
            writer.WriteEntry(image, "b/val/ant/0.png");
        }

        AssertRefused(DatasetKind.ImageTar, archive, "under 'a/' and under 'b/'");
    }

    [Fact]
    public void An_impossible_side_is_refused()
    {
        workshop.WithTwoClasses();

        Assert.Contains(
            "allowed: 1 to 4096",
            Assert.Throws<ConfigurationException>(() => workshop.OpenFolder(0)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ConfigurationException>(() => workshop.OpenFolder(4097));
    }

    private void AssertUndecodable(DatasetKind kind, string path)
    {
        var description = DatasetWorkshop.Description(kind, path);
        DatasetPreparation.Check(description, Subset.Everything, null);

        var message = Assert.Throws<ConfigurationException>(() => workshop.Open(description, 8)).Message;

        Assert.Contains(
            "train/ant/cut.jpg (the file is cut off), train/ant/empty.jpg (the file is empty), val/bee/text.png (not a JPEG",
            message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', message);
        Assert.Empty(workshop.CachedFiles);
    }

    private void AssertRefusedAsFolderAndArchive(string expected)
    {
        AssertRefused(DatasetKind.ImageFolder, workshop.Source, expected);
        AssertRefused(DatasetKind.ImageTar, workshop.Archive("data.tar"), expected);
    }

    private void AssertRefused(DatasetKind kind, string? path, string expected)
    {
        var description = DatasetWorkshop.Description(kind, path);

        var message = Assert.Throws<ConfigurationException>(() => DatasetPreparation.Check(description, Subset.Everything, null)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Equal(message, Assert.Throws<ConfigurationException>(() => workshop.Open(description, 8)).Message);
        Assert.Empty(workshop.CachedFiles);
    }
}
