using SkiaSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data;

/// <summary>
/// Less than there should be is never taken for everything: what is not read is counted, and what should be there and is not is an error.
/// </summary>
public sealed class PassedOverTests : IDisposable
{
    private static readonly byte[] Lime = Picture.Png(4, 4, (_, _) => SKColors.Lime);

    private readonly DatasetWorkshop workshop = new DatasetWorkshop().WithTwoClasses();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void Images_in_folders_of_a_class_are_read_at_any_depth_and_one_name_in_two_folders_is_two_images()
    {
        workshop.Write("train/ant/day/0.png", Lime);
        workshop.Write("train/ant/night/0.png", Lime);
        workshop.Write("train/ant/night/late/0.png", Lime);
        foreach (var path in (string[])[workshop.Source, workshop.Archive("data.tgz", "some/where/")])
        {
            using var pack = Open(path);
            Assert.Equal((9, 4), (pack.Header.TrainCount, pack.Header.ValidationCount));
        }

        var source = ImageSources.Open(workshop.Source);
        Assert.Equal(
            [
                "train/ant/0.png",
                "train/ant/1.png",
                "train/ant/2.png",
                "train/ant/day/0.png",
                "train/ant/night/0.png",
                "train/ant/night/late/0.png",
            ],
            source.List().Where(entry => entry is { Split: Split.Train, ClassName: "ant" }).Select(entry => entry.Name)
        );
    }

    [Fact]
    public void Files_that_are_not_read_are_counted_by_reason_in_a_folder_and_in_archives()
    {
        workshop.Write("train/ant/notes.txt", [1]);
        workshop.Write("train/ant/.0.png.swp", [1]);
        workshop.Write("train/.cache/0.png", [1]);
        workshop.Write("train/ant/scan.tif", [.. "II*\0"u8, 8, 0, 0, 0]);
        workshop.Write("train/ant/scan", "no image"u8.ToArray());
        workshop.Write("val/ant/picture.jp2", [0, 0, 0, 12, .. "jP  "u8]);
        workshop.Write("train/flat.png", Lime);

        foreach (var path in (string[])[workshop.Source, workshop.Archive("data.tar", "top/"), Zip()])
        {
            using var pack = Open(path);
            Assert.Equal((6, 4), (pack.Header.TrainCount, pack.Header.ValidationCount));
            Assert.Equal(
                "7 files passed over: 2 hidden, 1 JPEG 2000 (not read), 1 TIFF (not read), 1 not an image, 1 not an image by content, "
                    + "1 outside a class folder",
                pack.PassedOverWords
            );
            // The pack keeps it: opened again, the source is not listed for it.
            using var again = Open(path);
            Assert.Equal(pack.PassedOver!.OrderBy(reason => reason.Key), again.PassedOver!.OrderBy(reason => reason.Key));
        }

        // What comes to a folder later and is not read is counted, although the pack is the one that was there.
        workshop.Write("train/ant/more.tif", [.. "II*\0"u8]);
        using var counted = Open(workshop.Source);
        Assert.StartsWith(
            "8 files passed over: 2 TIFF (not read)",
            counted.PassedOverWords!.Replace("2 hidden, ", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(workshop.Reports, report => report.Done > 0 && !report.IsCheck);
    }

    [Theory]
    [InlineData("picture")]
    [InlineData("picture.jfif")]
    [InlineData("picture.jpe")]
    [InlineData("picture.TIFF")]
    [InlineData("picture.v2")]
    public void An_image_is_read_by_what_it_is_whatever_its_extension(string name)
    {
        workshop.Write($"train/ant/{name}", Picture.Jpeg(8, 8, (_, _) => SKColors.Red));
        foreach (var path in (string[])[workshop.Source, workshop.Archive("data.tar")])
        {
            using var pack = Open(path);
            Assert.Equal(7, pack.Header.TrainCount);
            Assert.Null(pack.PassedOverWords);
        }
    }

    [Fact]
    public void A_portable_pixmap_is_read()
    {
        workshop.Write("train/ant/a.ppm", [.. "P6 # made by hand\n2 1\n255\n"u8, 255, 0, 0, 0, 0, 255]);
        workshop.Write("train/ant/b.pgm", [.. "P5\n1 1\n100\n"u8, 50]);
        workshop.Write("train/ant/c.pgm", [.. "P5 1 1 65535 "u8, 0x80, 0x80]);

        using var pack = workshop.OpenFolder(1);

        // The names before them: 0.png, 1.png, 2.png. The pixmap's middle is red's and blue's; 50 of 100 is half of 255, rounded to even.
        Assert.Equal(9, pack.Header.TrainCount);
        Assert.Equal(new SKColor(128, 128, 128), pack.Planes(Split.Train, 4).At(1, 0, 0));
        Assert.Equal(new SKColor(128, 128, 128), pack.Planes(Split.Train, 5).At(1, 0, 0));
    }

    [Theory]
    [InlineData("P6\n2 1\n255\n", "the file is cut off")]
    [InlineData("P6\n99999 99999\n255\n", "99999 x 99999 pixels are more than 134217728")]
    [InlineData("P6\n0 1\n255\n", "its header has an impossible size")]
    [InlineData("P6\nx", "its header cannot be read")]
    public void A_portable_pixmap_that_is_broken_is_named_with_the_reason(string header, string reason)
    {
        workshop.Write("train/ant/a.ppm", System.Text.Encoding.ASCII.GetBytes(header));

        Assert.Contains($"train/ant/a.ppm ({reason})", Refusal(workshop.Source), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train/cat")]
    [InlineData("val/cat")]
    [InlineData("train/ant/9.png")]
    [InlineData("train/ant/more")]
    public void A_link_to_what_is_not_there_is_an_error(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        File.CreateSymbolicLink(Path.Combine(workshop.Source, name), "/mnt/not-mounted");

        Assert.Contains($"{name} is a link to /mnt/not-mounted, which is not there", Refusal(workshop.Source), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_to_folders_are_followed_once_and_links_in_circles_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        string ant = Path.Combine(workshop.Source, "train", "ant"),
            elsewhere = workshop.InRoot("elsewhere");
        Directory.CreateDirectory(elsewhere);
        File.WriteAllBytes(Path.Combine(elsewhere, "far.png"), Lime);
        Directory.CreateSymbolicLink(Path.Combine(ant, "far"), elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(ant, "far-too"), elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(elsewhere, "back"), ant);
        Directory.CreateSymbolicLink(Path.Combine(ant, "up"), workshop.InRoot("."));
        File.CreateSymbolicLink(Path.Combine(ant, ".self"), Path.Combine(ant, ".self"));

        using var pack = Open(workshop.Source);

        Assert.Equal(7, pack.Header.TrainCount);
        Assert.Equal("4 files passed over: 3 link to a folder that is read already, 1 hidden", pack.PassedOverWords);
    }

    [Fact]
    public void A_whole_set_is_what_the_dataset_file_expects_or_is_refused()
    {
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source);
        using (workshop.Open(description with { Expected = new ExpectedCounts(6, 4, null) }, 8)) { }

        // A pack that is there does not stand for what is missing.
        foreach (var counts in (ExpectedCounts[])[new(7, 4, null), new(6, 5, null), new(6, 5, 2)])
        {
            Assert.Contains(
                $"holds 6 training and 4 validation images of 2 classes, where test has {counts.Train} and {counts.Validation}",
                Assert.Throws<ConfigurationException>(() => workshop.Open(description with { Expected = counts }, 8)).Message,
                StringComparison.Ordinal
            );
        }

        // Half of a whole set is expected of the whole set.
        using var half = workshop.Open(
            description with
            {
                Expected = new ExpectedCounts(6, 4, 2),
            },
            8,
            Subset.Everything with
            {
                TrainFraction = 0.5,
            }
        );
        Assert.Equal(4, half.Header.TrainCount);
    }

    [Fact]
    public void Some_classes_of_a_set_are_said_to_be_a_part_of_it()
    {
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source) with
        {
            Expected = new ExpectedCounts(1_281_167, 50_000, 1000),
        };

        using var pack = workshop.Open(description, 8);

        Assert.Equal(
            ["a part of the set, 2 of 1000 classes: the whole has 1,281,167 training and 50,000 validation images, here are 6 and 4"],
            pack.Remarks
        );
    }

    [Fact]
    public void A_pack_of_a_version_that_did_not_count_is_used_where_it_holds_all_that_is_read_now()
    {
        string cached;
        using (var pack = workshop.OpenFolder(8))
            cached = pack.FilePath;
        WithoutCounts(cached);
        var old = File.ReadAllBytes(cached);

        using (var pack = workshop.OpenFolder(8))
            Assert.Empty(pack.PassedOver!);
        Assert.Equal(old, File.ReadAllBytes(cached));

        // Made by a version that read fewer files of the same archive.
        var archive = workshop.Archive("data.tar");
        using (var pack = workshop.OpenTar(archive, 8))
            cached = pack.FilePath;
        WithoutCounts(cached, fewer: true);
        using var again = workshop.OpenTar(archive, 8);
        Assert.Equal(6, again.Header.TrainCount);
        Assert.Contains(
            "an older version made it",
            Assert.Single(workshop.Reports, report => report.Rejected is not null).Rejected!,
            StringComparison.Ordinal
        );
    }

    // As a version of before wrote it: without the counts, and of an example less.
    private static void WithoutCounts(string file, bool fewer = false)
    {
        byte[] labels,
            pixels;
        DatasetPackHeader header;
        using (var handle = File.OpenHandle(file))
        {
            header = PackFormat.ReadHeader(handle);
            var regions = PackFormat.Regions(header);
            var all = File.ReadAllBytes(file);
            labels = all[(int)regions.LabelsOffset..(int)regions.PixelsOffset];
            pixels = all[(int)regions.PixelsOffset..];
        }

        var skipped = fewer ? 1 : 0;
        header = header with { PassedOver = null, TrainCount = header.TrainCount - skipped };
        using var written = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        PackFormat.WriteHeader(written, header);
        written.Write(labels.AsSpan(skipped * sizeof(int)));
        written.Write(pixels.AsSpan(skipped * 3 * 8 * 8));
        written.Flush();
        using var read = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        PackFormat.WriteHeader(
            written,
            header with
            {
                PayloadSha256 = PackFormat.PayloadSha256(read, header, null, null, CancellationToken.None),
            }
        );
    }

    private DatasetPack Open(string path) => workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, path), 8);

    private string Zip()
    {
        System.IO.Compression.ZipFile.CreateFromDirectory(workshop.Source, workshop.InRoot("data.zip"));
        return workshop.InRoot("data.zip");
    }

    private string Refusal(string path)
    {
        var message = Assert.Throws<ConfigurationException>(() => Open(path)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
