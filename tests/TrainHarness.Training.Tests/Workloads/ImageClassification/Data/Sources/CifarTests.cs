using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Sources;

/// <summary>CIFAR in the forms in which people have it.</summary>
public sealed class CifarTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void The_binary_CIFAR_10_the_one_for_Python_and_their_archives_are_the_same_examples()
    {
        var binary = HandmadeCifar.WriteBinaryTen(workshop.InRoot("cifar-10-batches-bin"));
        var python = HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py"));
        using var expected = Open(binary, 32);

        Assert.Equal(HandmadeCifar.Ten, expected.Header.ClassNames);
        Assert.Equal((20, 10), (expected.Header.TrainCount, expected.Header.ValidationCount));
        // Image 1 of data_batch_1 is the second of the labels 4, 5, 6, 7, and the only training image of class 5 before data_batch_4.
        var dog = expected.Labels(Split.Train).IndexOf(5);
        Assert.Equal(HandmadeCifar.Pixels(1, 1), expected.Planes(Split.Train, dog));

        string[] same =
        [
            python,
            HandmadeCifar.Archive(binary, workshop.InRoot("cifar-10-binary.tar.gz")),
            HandmadeCifar.Archive(python, workshop.InRoot("cifar-10-python.tar.gz")),
            HandmadeCifar.Archive(python, workshop.InRoot("renamed.tar")),
        ];
        foreach (var path in same)
        {
            using var pack = Open(path, 32);
            Assert.Equal(expected.Fingerprint, pack.Fingerprint);
            Assert.Equal(expected.Header.SourceFingerprint, pack.Header.SourceFingerprint);
        }
    }

    [Fact]
    public void CIFAR_100_has_its_fine_classes_and_says_that_the_coarse_ones_are_not_read()
    {
        var binary = HandmadeCifar.WriteBinaryHundred(workshop.InRoot("cifar-100-binary"));
        var python = HandmadeCifar.WritePythonHundred(workshop.InRoot("cifar-100-python"));
        using var expected = Open(binary, 32);
        using var pack = Open(python, 32);

        Assert.Equal(["apple", "aquarium_fish", "baby"], expected.Header.ClassNames);
        Assert.Equal([0, 0, 1, 1, 2, 2], expected.Labels(Split.Train).ToArray());
        Assert.Equal(expected.Header.SourceFingerprint, pack.Header.SourceFingerprint);
        Assert.Equal(
            ["CIFAR-100 for Python; validation: test", "labels: the fine ones; the coarse ones are not read"],
            new Cifar(python).Remarks
        );
    }

    [Fact]
    public void An_image_is_resized_as_decoded_ones_are()
    {
        var folder = HandmadeCifar.WriteBinaryTen(workshop.InRoot("cifar-10-batches-bin"));
        byte[] planes = [.. Enumerable.Range(0, 3072).Select(i => (byte)(i * 37))];
        var file = Path.Combine(folder, "test_batch.bin");
        var whole = File.ReadAllBytes(file);
        planes.CopyTo(whole, 1);
        File.WriteAllBytes(file, whole);
        var png = Picture.Png(32, 32, (x, y) =>
            new SkiaSharp.SKColor(planes[(32 * y) + x], planes[1024 + (32 * y) + x], planes[2048 + (32 * y) + x])
        );
        foreach (var side in (int[])[8, 20, 32, 64])
        {
            var expected = new byte[3 * side * side];
            EncodedImage.Render(png, side, expected);
            using var pack = Open(folder, side);
            Assert.Equal(expected, pack.Planes(Split.Validation, 0));
        }
    }

    [Fact]
    public void A_folder_above_is_enough_where_it_holds_one_form_and_is_refused_where_it_holds_two()
    {
        var python = HandmadeCifar.WritePythonTen(workshop.InRoot("root/cifar-10-batches-py"));
        HandmadeCifar.Archive(python, workshop.InRoot("root/cifar-10-python.tar.gz"));
        using (var pack = Open(workshop.InRoot("root"), 8))
            Assert.Equal(10, pack.Header.ClassNames.Count);

        HandmadeCifar.WriteBinaryTen(workshop.InRoot("root/cifar-10-batches-bin"));
        Assert.Equal(
            $"{workshop.InRoot("root")}: holds CIFAR-10 for Python and binary CIFAR-10; allowed: the path of one of them",
            Refusal("root")
        );
    }

    [Theory]
    [InlineData("data_batch_3")]
    [InlineData("test_batch")]
    [InlineData("batches.meta")]
    public void A_file_that_is_missing_is_named(string file)
    {
        var folder = HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py"));
        File.Delete(Path.Combine(folder, file));
        var archive = HandmadeCifar.Archive(folder, workshop.InRoot("cifar-10-python.tar.gz"));
        var expected =
            $": {file} of CIFAR-10 for Python is missing; "
            + "allowed: data_batch_1, data_batch_2, data_batch_3, data_batch_4, data_batch_5, test_batch, batches.meta";

        Assert.Equal(folder + expected, Refusal("cifar-10-batches-py"));
        Assert.Equal(archive + expected, Refusal("cifar-10-python.tar.gz"));
    }

    [Fact]
    public void One_file_of_CIFAR_100_among_others_is_not_taken_for_it()
    {
        workshop.WithTwoClasses();
        workshop.Write("meta", [1]);
        Assert.False(Cifar.IsAt(workshop.Source));
        using var pack = workshop.OpenFolder(8);
        Assert.Equal(["ant", "bee"], pack.Header.ClassNames);
    }

    [Fact]
    public void Fewer_images_than_the_files_say_are_refused()
    {
        var binary = HandmadeCifar.WriteBinaryTen(workshop.InRoot("cifar-10-batches-bin"));
        var file = Path.Combine(binary, "data_batch_2.bin");
        var whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..3073]);
        Assert.Equal($"{file} has 1 images; allowed: 4, as data_batch_1.bin has", Refusal("cifar-10-batches-bin"));
        File.WriteAllBytes(file, whole[..5000]);
        Assert.Equal(
            $"{file}: cannot be read: it has 5000 bytes, and each image takes 3073: it is cut off or something " + "else.",
            Refusal("cifar-10-batches-bin")
        );

        var python = HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py"));
        var names = HandmadeCifar.Dictionary(
            (HandmadeCifar.Text("label_names"), HandmadeCifar.Texts(HandmadeCifar.Ten)),
            (HandmadeCifar.Text("num_cases_per_batch"), [(byte)'M', 0x10, 0x27])
        );
        File.WriteAllBytes(Path.Combine(python, "batches.meta"), names);
        Assert.Equal(
            $"{Path.Combine(python, "data_batch_1")} has 4 images; allowed: 10000, as batches.meta says",
            Refusal("cifar-10-batches-py")
        );
    }

    [Fact]
    public void A_label_without_a_name_is_refused_and_a_name_without_images_is_said()
    {
        var folder = HandmadeCifar.WriteBinaryTen(workshop.InRoot("cifar-10-batches-bin"));
        var names = Path.Combine(folder, "batches.meta.txt");
        File.WriteAllLines(names, HandmadeCifar.Ten[..9]);
        Assert.Equal(
            $"{Path.Combine(folder, "data_batch_2.bin")}: image 1 has label 9; allowed: 0 to 8, as batches.meta.txt names 9 " + "classes",
            Refusal("cifar-10-batches-bin")
        );

        File.WriteAllLines(names, [.. HandmadeCifar.Ten, "zebra"]);
        var source = new Cifar(folder);
        Assert.Equal(30, source.List().Count);
        Assert.Equal(
            ["binary CIFAR-10; validation: test_batch.bin", "1 of the 11 classes that batches.meta.txt names have no image"],
            source.Remarks
        );

        File.WriteAllLines(names, ["cat", .. HandmadeCifar.Ten[1..]]);
        Assert.Equal($"{names}: cannot be read: it names the class cat twice.", Refusal("cifar-10-batches-bin"));
    }

    [Fact]
    public void A_member_that_is_twice_in_the_archive_or_is_a_link_is_refused()
    {
        var folder = HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py"));
        var archive = workshop.InRoot("twice.tar");
        using (var writer = new System.Formats.Tar.TarWriter(File.Create(archive)))
        {
            foreach (var name in (string[])["cifar-10-batches-py/test_batch", "x/cifar-10-batches-py/test_batch"])
                writer.WriteEntry(Path.Combine(folder, "test_batch"), name);
        }

        Assert.Equal($"{archive}: test_batch is there twice; allowed: each file once", Refusal("twice.tar"));
        using (var writer = new System.Formats.Tar.TarWriter(File.Create(archive)))
            writer.WriteEntry(
                new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.SymbolicLink, "cifar-10-batches-py/test_batch")
                {
                    LinkName = "/etc/passwd",
                }
            );
        Assert.Equal($"{archive}: test_batch is no regular file; allowed: regular files", Refusal("twice.tar"));
    }

    [Theory]
    [InlineData("cifar-10-batches-py", "data_batch_4")]
    [InlineData("cifar-10-batches-py", "batches.meta")]
    [InlineData("cifar-10-batches-bin", "data_batch_4.bin")]
    [InlineData("cifar-10-batches-bin", "batches.meta.txt")]
    public void A_file_of_CIFAR_that_was_tampered_with_is_packed_or_refused(string place, string name)
    {
        HandmadeCifar.WriteBinaryTen(workshop.InRoot("cifar-10-batches-bin"));
        HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py"));
        Assert.InRange(TamperedPacks(place, workshop.InRoot($"{place}/{name}")).Count, 1, 99);
    }

    [Fact]
    public void An_archive_of_CIFAR_that_was_tampered_with_is_packed_as_it_was_or_refused()
    {
        const string Name = "cifar-10-python.tar.gz";
        var archive = HandmadeCifar.Archive(HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py")), workshop.InRoot(Name));
        string whole;
        using (var pack = Open(archive, 4))
            whole = pack.Fingerprint;
        foreach (var cached in workshop.CachedFiles)
            File.Delete(cached);

        // Gzip's checksum covers all but its header's few bytes: hardly any change leaves it readable, and none leaves it another.
        var packed = TamperedPacks(Name, archive);
        Assert.InRange(packed.Count, 0, 10);
        Assert.All(packed, fingerprint => Assert.Equal(whole, fingerprint));
    }

    [Fact]
    public void A_pipe_in_place_of_a_file_of_CIFAR_is_refused_and_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs mkfifo");
        var file = Path.Combine(HandmadeCifar.WritePythonTen(workshop.InRoot("cifar-10-batches-py")), "data_batch_2");
        File.Delete(file);
        System.Diagnostics.Process.Start("mkfifo", file).WaitForExit();
        Assert.Equal($"{file}: cannot be read: it is cut off.", Refusal("cifar-10-batches-py"));
    }

    /// <summary>
    /// The fingerprints of those of 100 changed files that are packed; the others are refused in one line and leave nothing.
    /// </summary>
    private List<string> TamperedPacks(string place, string file)
    {
        var packed = new List<string>();
        Mutations.Sample(File.ReadAllBytes(file), 100, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                using var pack = Open(workshop.InRoot(place), 4);
                packed.Add(pack.Fingerprint);
            }
            catch (ConfigurationException error)
            {
                Assert.StartsWith(workshop.InRoot(""), error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
                Assert.Empty(workshop.CachedFiles);
            }

            foreach (var cached in workshop.CachedFiles)
                File.Delete(cached);
        });
        return packed;
    }

    private DatasetPack Open(string path, int side) => workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, path), side);

    private string Refusal(string path)
    {
        var cached = workshop.CachedFiles.Count;
        var message = Assert.Throws<ConfigurationException>(() => Open(workshop.InRoot(path), 8)).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Equal(cached, workshop.CachedFiles.Count);
        return message;
    }
}
