using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Packs;

/// <summary>Which classes and examples a declared subset keeps.</summary>
public sealed class SubsetTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    // printf %s NAME | sha256sum: elk 2f60…, bee 62cb…, ant 67a3…, cat 77af…, dog cd63…
    [Fact]
    public void Names_come_in_the_order_of_their_sha256() =>
        Assert.Equal(["elk", "bee", "ant"], SubsetSelection.FirstByHash(["ant", "bee", "cat", "dog", "elk"], 3));

    // 2.png 0aa0…, 4.png 10a7…, 1.png 786e…, 5.png a343…, 3.png ac37…, each as train/a/N.png; half of five is three.
    [Fact]
    public void A_fraction_keeps_the_first_examples_by_hash_rounded_up()
    {
        for (var i = 1; i <= 5; i++)
            WriteGray($"train/a/{i}.png", i);
        WriteGray("val/a/1.png", 9);

        using var pack = workshop.OpenFolder(2, Subset.Everything with { TrainFraction = 0.5 });

        Assert.Equal<byte>([1, 2, 4], [Shade(pack, 0), Shade(pack, 1), Shade(pack, 2)]);
        Assert.Equal(3, pack.Header.TrainCount);
        Assert.Equal(1, pack.Header.ValidationCount);
    }

    [Theory]
    [InlineData(1.0, 5, 5)]
    [InlineData(0.5, 5, 3)]
    [InlineData(0.07, 100, 7)]
    [InlineData(0.1, 30, 3)]
    [InlineData(0.001, 5, 1)]
    [InlineData(1e-300, 5, 1)]
    public void A_share_is_rounded_up_and_never_empty(double fraction, int count, int kept) =>
        Assert.Equal(kept, SubsetSelection.Share(fraction, count));

    [Fact]
    public void The_first_classes_are_the_first_by_hash()
    {
        WriteFiveClasses();

        using var pack = workshop.OpenFolder(2, Subset.Everything with { FirstClasses = 2 });

        Assert.Equal(["bee", "elk"], pack.Header.ClassNames);
        Assert.Equal([0, 1], pack.Labels(Split.Train).ToArray());
    }

    [Fact]
    public void Listed_classes_are_labelled_in_ordinal_order_however_they_are_listed()
    {
        WriteFiveClasses();
        using var pack = workshop.OpenFolder(2, Subset.Everything with { Classes = ["dog", "ant"] });

        using var again = workshop.OpenFolder(2, Subset.Everything with { Classes = ["ant", "dog"] });

        Assert.Equal(["ant", "dog"], pack.Header.ClassNames);
        Assert.Equal(pack.FilePath, again.FilePath);
        Assert.Empty(workshop.Reports);
    }

    [Fact]
    public void Subsets_have_packs_and_fingerprints_of_their_own()
    {
        WriteFiveClasses();
        using var all = workshop.OpenFolder(2);

        using var part = workshop.OpenFolder(2, Subset.Everything with { FirstClasses = 3 });

        Assert.NotEqual(all.Fingerprint, part.Fingerprint);
        Assert.NotEqual(all.Header.SourceFingerprint, part.Header.SourceFingerprint);
        Assert.Equal(2, workshop.CachedFiles.Count);
    }

    public static TheoryData<Subset, string> Refused =>
        new()
        {
            { Subset.Everything with { Classes = ["ant", "yak"] }, "no class yak; allowed: ant, bee, cat, dog, elk" },
            { Subset.Everything with { Classes = [] }, "list of classes is empty" },
            { Subset.Everything with { Classes = ["ant", "ant"] }, "class ant twice" },
            { Subset.Everything with { Classes = ["ant"], FirstClasses = 1 }, "allowed: one of them" },
            { Subset.Everything with { FirstClasses = 0 }, "first 0 classes; allowed: 1 to 5" },
            { Subset.Everything with { FirstClasses = 6 }, "first 6 classes; allowed: 1 to 5" },
            { Subset.Everything with { TrainFraction = 0 }, "training fraction of 0" },
            { Subset.Everything with { TrainFraction = double.NaN }, "training fraction of NaN" },
            { Subset.Everything with { ValidationFraction = 1.5 }, "validation fraction of 1.5" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_subset_that_cannot_be_is_refused_in_one_line(Subset subset, string expected)
    {
        WriteFiveClasses();
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source);

        var refusal = Assert.Throws<ConfigurationException>(() => DatasetPreparation.Check(description, subset, null));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => workshop.OpenFolder(2, subset));
        Assert.Empty(workshop.CachedFiles);
    }

    private static byte Shade(DatasetPack pack, int index) => pack.Planes(Split.Train, index)[0];

    private void WriteFiveClasses()
    {
        foreach (var name in (string[])["ant", "bee", "cat", "dog", "elk"])
        {
            WriteGray($"train/{name}/1.png", name[0]);
            WriteGray($"val/{name}/1.png", name[1]);
        }
    }

    private void WriteGray(string name, int brightness) =>
        workshop.Write(name, Picture.Png(2, 2, (_, _) => Picture.Gray((byte)brightness)));
}
