using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using SkiaSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Layouts;

/// <summary>
/// The layouts in which ImageNet and what is like it are handed out and unpacked; each gives what the same images in class folders give.
/// </summary>
public sealed class UsualLayoutTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();
    private readonly byte[] expected;

    public UsualLayoutTests() => expected = workshop.WithTwoClasses().OpenFolder(8).Planes();

    public void Dispose() => workshop.Dispose();

    private string Val => Path.Combine(workshop.Source, "val");

    private string Train => Path.Combine(workshop.Source, "train");

    [Theory]
    [InlineData("valid")]
    [InlineData("validation")]
    [InlineData("dev")]
    [InlineData("test")]
    [InlineData("Val")]
    [InlineData("VALIDATION")]
    public void Another_name_of_the_validation_folder_is_read_and_said(string name)
    {
        Directory.Move(Val, Val + "-moved");
        Directory.Move(Val + "-moved", Path.Combine(workshop.Source, name));

        foreach (var path in (string[])[workshop.Source, workshop.Archive("data.tgz"), Zip()])
            Assert.Equal([$"validation: {name}/"], OpenAsExpected(path));
    }

    [Fact]
    public void Of_several_validation_folders_val_is_read_and_the_others_are_named()
    {
        Directory.CreateDirectory(Path.Combine(workshop.Source, "test"));
        Directory.CreateDirectory(Path.Combine(workshop.Source, "valid", "cat"));

        Assert.Equal(["validation: val/ (not read: valid/, test/)"], OpenAsExpected(workshop.Source));
    }

    [Theory]
    [InlineData("{0}/images", false)]
    [InlineData("{0}/images", true)]
    [InlineData("{0}", false)]
    [InlineData("{0}", true)]
    public void Tiny_ImageNet_with_its_validation_images_moved_into_class_folders_is_read(string folder, bool isImagesLeft)
    {
        workshop.WriteAsTinyImageNet();
        Sort(folder, all: true);
        if (!isImagesLeft)
            Directory.Delete(workshop.InRoot("tiny/val/images"));

        OpenAsExpected(workshop.InRoot("tiny"));
        // An image that was lost on the way is missed.
        File.Delete(Directory.EnumerateFiles(workshop.InRoot("tiny/val"), "val_0.png", SearchOption.AllDirectories).Single());
        Assert.Contains(
            "val/val_annotations.txt names 1 of 4 images that are not there, first val_",
            Refusal(workshop.InRoot("tiny")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Tiny_ImageNet_with_half_of_its_validation_images_moved_is_read_whole()
    {
        workshop.WriteAsTinyImageNet();
        Sort("{0}", all: false);

        OpenAsExpected(workshop.InRoot("tiny"));
    }

    [Fact]
    public void A_list_and_a_folder_that_contradict_each_other_are_named()
    {
        workshop.WriteAsTinyImageNet();
        Sort("{0}", all: true);
        var annotations = workshop.InRoot("tiny/val/val_annotations.txt");
        File.WriteAllText(annotations, File.ReadAllText(annotations).Replace("\tant\t", "\tbee\t", StringComparison.Ordinal));

        Assert.Contains(
            "is of class bee by val/val_annotations.txt and of ant by its folder",
            Refusal(workshop.InRoot("tiny")),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("val/")]
    public void Validation_images_with_the_solution_of_Kaggle_are_read_from_a_folder_and_archives(string place)
    {
        Flatten();
        workshop.Write($"{place}LOC_val_solution.csv", Encoding.ASCII.GetBytes(Solution()));

        foreach (var path in (string[])[workshop.Source, workshop.Archive("data.tgz", "imagenet/"), Zip()])
            OpenAsExpected(path);
        File.Delete(Path.Combine(Val, "ILSVRC2012_val_00000003.png"));
        Assert.Contains(
            $"{place}LOC_val_solution.csv names 1 of 4 images that are not there, first ILSVRC2012_val_00000003",
            Refusal(workshop.Source),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_folders_of_Kaggle_are_found_below_the_solution()
    {
        Flatten();
        string root = workshop.InRoot("kaggle"),
            deep = Path.Combine(root, "ILSVRC", "Data", "CLS-LOC");
        Directory.CreateDirectory(Path.Combine(root, "ILSVRC", "Annotations"));
        Directory.CreateDirectory(Path.GetDirectoryName(deep)!);
        Directory.Move(workshop.Source, deep);
        File.WriteAllText(Path.Combine(root, "LOC_val_solution.csv"), Solution());

        OpenAsExpected(root);
        OpenAsExpected(deep);
    }

    [Fact]
    public void A_list_of_classes_in_the_order_of_the_images_numbers_is_read()
    {
        Flatten();
        workshop.Write("imagenet_2012_validation_synset_labels.txt", "ant\nant\nbee\nbee\n"u8.ToArray());
        OpenAsExpected(workshop.Source);

        workshop.Write("imagenet_2012_validation_synset_labels.txt", "ant\nant\nbee\n"u8.ToArray());
        Assert.Contains(
            "val/ILSVRC2012_val_00000004.png has no line in imagenet_2012_validation_synset_labels.txt",
            Refusal(workshop.Source),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void The_official_archives_are_read_with_their_devkit(bool isDevkitPacked, bool isTableCompressed)
    {
        var folder = Official();
        WriteDevkit(folder, isDevkitPacked, isTableCompressed);

        OpenAsExpected(folder);
    }

    [Fact]
    public void The_official_archives_are_read_with_a_list_of_classes_and_say_what_is_missing_without()
    {
        string folder = Official(),
            list = Path.Combine(folder, "imagenet_2012_validation_synset_labels.txt");
        Assert.Contains("no list gives the classes of its images; allowed: ", Refusal(folder), StringComparison.Ordinal);

        File.WriteAllText(list, "ant\nant\nbee\nbee\n");
        OpenAsExpected(folder);

        File.Delete(Path.Combine(folder, "ILSVRC2012_img_val.tar"));
        Assert.Contains(
            "ILSVRC2012_img_train.tar is there without the validation images; allowed: beside it ILSVRC2012_img_val.tar",
            Refusal(folder),
            StringComparison.Ordinal
        );
        // The training archive, and validation images that are unpacked.
        Directory.Move(Val, Path.Combine(folder, "val"));
        File.WriteAllText(list, "ant\nant\nbee\nbee\n");
        OpenAsExpected(folder);
    }

    [Fact]
    public void Archives_of_classes_in_train_and_images_in_folders_in_val_are_read_together()
    {
        foreach (var className in (string[])["ant", "bee"])
        {
            TarFile.CreateFromDirectory(
                Path.Combine(Train, className),
                Path.Combine(Train, className + ".tar"),
                includeBaseDirectory: false
            );
            Directory.Delete(Path.Combine(Train, className), recursive: true);
        }

        OpenAsExpected(workshop.Source);
    }

    [Fact]
    public void Archives_of_the_splits_are_read()
    {
        var folder = Directory.CreateDirectory(workshop.InRoot("splits")).FullName;
        TarFile.CreateFromDirectory(Train, Path.Combine(folder, "train.tar"), includeBaseDirectory: true);
        TarFile.CreateFromDirectory(Val, Path.Combine(folder, "val.tar"), includeBaseDirectory: false);

        OpenAsExpected(folder);
    }

    [Theory]
    [InlineData("set-{0}-{1:D4}.tar", true, false)]
    [InlineData("{0}/shard_{1:D6}.tar", true, false)]
    [InlineData("set-{0}-{1:D5}-of-00002.tar", false, true)]
    public void Shards_of_WebDataset_are_read_by_their_labels(string name, bool withClass, bool withJson)
    {
        var folder = Shards(name, withClass, withJson);

        using var pack = Open(folder);

        Assert.Equal(["label-00000", "label-00001"], pack.Header.ClassNames);
        Assert.Equal(expected.Length, pack.Planes().Length);
        Assert.Equal(Sorted(expected), Sorted(pack.Planes()));
    }

    [Theory]
    [InlineData("set-{0}-{1:D4}.tar", "set-train-0001.tar", "set-train-0003.tar", "2 of 4 shards are missing, first set-train-0001.tar")]
    [InlineData(
        "set-{0}-{1:D5}-of-00002.tar",
        "set-train-00001-of-00002.tar",
        "unrelated.tar",
        "1 of 2 shards are missing, first set-train-00001-of-00002.tar"
    )]
    public void A_missing_shard_of_WebDataset_is_named(string name, string from, string to, string words)
    {
        var folder = Shards(name, withClass: true, withJson: false);
        File.Move(Path.Combine(folder, from), Path.Combine(folder, to));

        Assert.Contains(words, Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_WebDataset_that_contradict_each_other_or_are_missing_are_named()
    {
        var folder = Directory.CreateDirectory(workshop.InRoot("shards")).FullName;
        WriteShard(Path.Combine(folder, "a-val-0.tar"), ("0.cls", "0"), ("0.png", null));
        WriteShard(Path.Combine(folder, "a-train-0.tar"), ("0.cls", "0"), ("0.png", null), ("0.json", "{\"label\": 1}"));
        Assert.Contains("a-train-0.tar: 0 has the labels label-00000 and label-00001", Refusal(folder), StringComparison.Ordinal);
        WriteShard(Path.Combine(folder, "a-train-0.tar"), ("0.cls", "0"), ("0.png", null), ("1.png", null));
        Assert.Contains("a-train-0.tar: 1.png has no label", Refusal(folder), StringComparison.Ordinal);
        WriteShard(Path.Combine(folder, "a-train-0.tar"), ("0.cls", "0"), ("0.png", null), ("1.cls", "0"));
        Assert.Contains("a-train-0.tar: 1 labels are there without their images, first 1", Refusal(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "train-00000-of-01024",
        "no train/ folder but TFRecord files, which are not read; allowed: train/CLASS/IMAGE and val/CLASS/IMAGE"
    )]
    [InlineData("data.mdb", "an LMDB database")]
    [InlineData("imagenet.beton", "FFCV files")]
    public void What_is_not_read_is_named_with_what_would_be(string file, string words)
    {
        var folder = Directory.CreateDirectory(workshop.InRoot("other")).FullName;
        File.WriteAllBytes(Path.Combine(folder, file), [1, 2, 3]);

        Assert.Contains(words, Refusal(folder), StringComparison.Ordinal);
    }

    private static byte[] Sorted(byte[] planes) =>
        [.. planes.Chunk(1 + (3 * 8 * 8)).OrderBy(Convert.ToHexString, StringComparer.Ordinal).SelectMany(example => example)];

    private static void WriteShard(string file, params (string Name, string? Text)[] members)
    {
        using var writer = new TarWriter(File.Create(file), TarEntryFormat.Ustar);
        foreach (var (name, text) in members)
            writer.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(text is null ? Picture.Png(2, 2, (_, _) => SKColors.Red) : Encoding.ASCII.GetBytes(text)),
                }
            );
    }

    private string Shards(string name, bool withClass, bool withJson)
    {
        var folder = Directory.CreateDirectory(workshop.InRoot("shards")).FullName;
        foreach (var split in (string[])["train", "val"])
        {
            var images = workshop.Images().Where(image => image.Split == split).ToList();
            for (var shard = 0; shard < 2; shard++)
            {
                var file = Path.Combine(folder, string.Format(System.Globalization.CultureInfo.InvariantCulture, name, split, shard));
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                using var writer = new TarWriter(File.Create(file), TarEntryFormat.Ustar);
                foreach (var (_, className, image) in images.Where((_, index) => index % 2 == shard))
                {
                    string key = $"{className}_{Path.GetFileNameWithoutExtension(image)}",
                        label = className == "ant" ? "0" : "1";
                    writer.WriteEntry(image, key + ".png");
                    if (withClass)
                        writer.WriteEntry(
                            new UstarTarEntry(TarEntryType.RegularFile, key + ".cls")
                            {
                                DataStream = new MemoryStream(Encoding.ASCII.GetBytes(label + "\n")),
                            }
                        );
                    if (withJson)
                        writer.WriteEntry(
                            new UstarTarEntry(TarEntryType.RegularFile, key + ".json")
                            {
                                DataStream = new MemoryStream(Encoding.ASCII.GetBytes($"{{\"label\": {label}, \"filename\": \"x\"}}")),
                            }
                        );
                }
            }
        }

        return folder;
    }

    // Moves val/images/* into class folders, or every second image.
    private void Sort(string folder, bool all)
    {
        var val = workshop.InRoot("tiny/val");
        var lines = File.ReadAllLines(Path.Combine(val, "val_annotations.txt"));
        for (var i = 0; i < lines.Length; i += all ? 1 : 2)
        {
            var cells = lines[i].Split('\t');
            var place = Path.Combine(val, string.Format(System.Globalization.CultureInfo.InvariantCulture, folder, cells[1]));
            Directory.CreateDirectory(place);
            File.Move(Path.Combine(val, "images", cells[0]), Path.Combine(place, cells[0]));
        }
    }

    // The validation images as ILSVRC2012_val_00000001.png and so on in val/, in the order of their classes.
    private void Flatten()
    {
        var number = 0;
        foreach (var (_, _, file) in workshop.Images().Where(image => image.Split == "val").ToList())
            File.Move(file, Path.Combine(Val, $"ILSVRC2012_val_{++number:D8}.png"));
        Directory.Delete(Path.Combine(Val, "ant"));
        Directory.Delete(Path.Combine(Val, "bee"));
    }

    private static string Solution() =>
        "ImageId,PredictionString\n"
        + string.Concat(
            Enumerable
                .Range(1, 4)
                .Select(number => $"ILSVRC2012_val_{number:D8},{(number < 3 ? "ant 1 1 9 9 ant 2 2 5 5 " : "bee 1 1 9 9 ")}\n")
        );

    private string Official()
    {
        Flatten();
        var folder = Directory.CreateDirectory(workshop.InRoot("official")).FullName;
        using (var writer = new TarWriter(File.Create(Path.Combine(folder, "ILSVRC2012_img_train.tar")), TarEntryFormat.Gnu))
        {
            foreach (var className in (string[])["ant", "bee"])
            {
                TarFile.CreateFromDirectory(
                    Path.Combine(Train, className),
                    workshop.InRoot(className + ".tar"),
                    includeBaseDirectory: false
                );
                writer.WriteEntry(workshop.InRoot(className + ".tar"), className + ".tar");
            }
        }

        TarFile.CreateFromDirectory(Val, Path.Combine(folder, "ILSVRC2012_img_val.tar"), includeBaseDirectory: false);
        return folder;
    }

    private void WriteDevkit(string folder, bool isPacked, bool isCompressed)
    {
        var data = Path.Combine(isPacked ? workshop.InRoot("kit") : folder, "ILSVRC2012_devkit_t12", "data");
        Directory.CreateDirectory(data);
        File.WriteAllText(Path.Combine(data, "ILSVRC2012_validation_ground_truth.txt"), "2\n2\n1\n1\n");
        File.WriteAllBytes(Path.Combine(data, "meta.mat"), HandmadeMatlab.Synsets(isCompressed, "bee", "ant"));
        if (!isPacked)
            return;
        using var packed = new GZipStream(File.Create(Path.Combine(folder, "ILSVRC2012_devkit_t12.tar.gz")), CompressionLevel.Fastest);
        TarFile.CreateFromDirectory(workshop.InRoot("kit"), packed, includeBaseDirectory: false);
    }

    private IReadOnlyList<string> OpenAsExpected(string path)
    {
        using var pack = Open(path);
        Assert.Equal(["ant", "bee"], pack.Header.ClassNames);
        Assert.Equal(expected, pack.Planes());
        return pack.Remarks;
    }

    private DatasetPack Open(string path) => workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, path), 8);

    private string Zip()
    {
        ZipFile.CreateFromDirectory(workshop.Source, workshop.InRoot("data.zip"));
        return workshop.InRoot("data.zip");
    }

    private string Refusal(string path)
    {
        var message = Assert.Throws<ConfigurationException>(() => Open(path)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
