using SkiaSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Sources;

/// <summary>Folders and archives of images.</summary>
public sealed class ImageSourceTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Theory]
    [InlineData("data.tar", "")]
    [InlineData("data.tar", "./")]
    [InlineData("data.tar.gz", "imagenette/")]
    [InlineData("data.tgz", "./some/where/")]
    public void An_archive_and_its_folder_give_the_same_pack(string name, string prefix)
    {
        workshop.WithTwoClasses();
        using var folder = workshop.OpenFolder(8);

        using var tar = workshop.OpenTar(workshop.Archive(name, prefix), 8);

        Assert.NotEqual(folder.FilePath, tar.FilePath);
        Assert.Equal(folder.Fingerprint, tar.Fingerprint);
        Assert.Equal(folder.Header.SourceFingerprint, tar.Header.SourceFingerprint);
    }

    [Theory]
    [InlineData(DatasetKind.ImageTar)]
    [InlineData(DatasetKind.ImageFolder)]
    public void What_lies_at_the_path_decides_between_a_folder_and_an_archive(DatasetKind kind)
    {
        workshop.WithTwoClasses();
        var description = DatasetWorkshop.Description(kind, null);
        var paths = (string[])[workshop.Source, workshop.Archive("data.tar", "")];
        var packs = paths
            .Select(path =>
            {
                using var pack = DatasetPreparation.OpenOrCreate(
                    description,
                    Subset.Everything,
                    8,
                    path,
                    workshop.Cache,
                    true,
                    null,
                    TestContext.Current.CancellationToken
                );
                return pack.Fingerprint;
            })
            .ToList();
        Assert.Equal(packs[0], packs[1]);
    }

    [Fact]
    public void Labels_follow_the_ordinal_order_of_class_names()
    {
        workshop.WithTwoClasses();
        workshop.Write("train/Zebra/0.png", Picture.Png(8, 8, (_, _) => SKColors.Red));
        workshop.Write("val/Zebra/0.png", Picture.Png(8, 8, (_, _) => SKColors.Blue));

        using var pack = workshop.OpenFolder(8);

        Assert.Equal(["Zebra", "ant", "bee"], pack.Header.ClassNames);
        Assert.Equal([0, 1, 1, 1, 2, 2, 2], pack.Labels(Split.Train).ToArray());
        Assert.Equal([0, 1, 1, 2, 2], pack.Labels(Split.Validation).ToArray());
        Assert.Equal(SKColors.Red, pack.Planes(Split.Train, 0).At(8, 0, 0));
        Assert.Equal(SKColors.Blue, pack.Planes(Split.Validation, 0).At(8, 0, 0));
    }

    [Fact]
    public void Examples_are_copied_in_the_order_that_is_asked_for()
    {
        using var pack = workshop.WithTwoClasses().OpenFolder(8);
        var both = new byte[2 * 3 * 8 * 8];

        pack.Copy(Split.Train, [4, 1], both);

        Assert.Equal(pack.Planes(Split.Train, 4), both[..192]);
        Assert.Equal(pack.Planes(Split.Train, 1), both[192..]);
        Assert.NotEqual(both[..192], both[192..]);
    }

    [Fact]
    public void An_index_outside_the_split_is_refused()
    {
        using var pack = workshop.WithTwoClasses().OpenFolder(8);
        var one = new byte[3 * 8 * 8];

        Assert.Throws<ArgumentOutOfRangeException>(() => pack.Copy(Split.Train, [6], one));
        Assert.Throws<ArgumentOutOfRangeException>(() => pack.Copy(Split.Validation, [-1], one));
        Assert.Throws<ArgumentException>(() => pack.Copy(Split.Train, [0, 1], one));
    }

    [Fact]
    public void Files_that_are_no_images_are_passed_over()
    {
        workshop.WithTwoClasses();
        workshop.Write("train/ant/notes.txt", [1]);
        workshop.Write("train/ant/._0.png", [1]);
        workshop.Write("train/.cache/0.png", [1]);

        using var pack = workshop.OpenFolder(8);

        Assert.Equal(6, pack.Header.TrainCount);
    }

    [Fact]
    public void A_path_that_is_given_replaces_the_descriptions()
    {
        workshop.WithTwoClasses();
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot("elsewhere"));

        DatasetPreparation.Check(description, Subset.Everything, workshop.Source);
        using var pack = DatasetPreparation.OpenOrCreate(
            description,
            Subset.Everything,
            8,
            workshop.Source,
            workshop.Cache,
            true,
            null,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(4, pack.Header.ValidationCount);
    }
}
