using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using SkiaSharp;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Trees;

/// <summary>An archive is what its bytes say; its members come out whole or are refused by name.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Theory]
    [InlineData("tar", "data.tar.gz")]
    [InlineData("tar", "data.zip")]
    [InlineData("tar", "data")]
    [InlineData("v7", "data.tgz")]
    [InlineData("tgz", "data.tar")]
    [InlineData("tgz", "data")]
    [InlineData("zip", "data.zip")]
    [InlineData("zip", "data.tar")]
    [InlineData("zip", "data.jpg")]
    public void The_name_of_an_archive_says_nothing_about_it(string kind, string name)
    {
        var expected = workshop.WithTwoClasses().OpenFolder(8).Planes();

        using var pack = workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, Archive(kind, name)), 8);

        Assert.Equal(expected, pack.Planes());
    }

    [Theory]
    [InlineData("/Td6WFoAAAA=", "is an xz archive")]
    [InlineData("QlpoOTFBWSZTWQ==", "is a bzip2 archive")]
    [InlineData("KLUv/QRY", "is a zstd archive")]
    [InlineData("N3q8ryccAAQ=", "is a 7z archive")]
    [InlineData("UmFyIRoHAQA=", "is a RAR archive")]
    [InlineData("UEFSMQ==", "is a Parquet file")]
    [InlineData("iVBORw0KGgo=", "is a single image")]
    [InlineData("H4sI", "is a gzip file that holds nothing")]
    [InlineData("H4sIAAAAAAAAAP///w==", "is a damaged gzip file")]
    [InlineData("AQIDBA==", "is no archive of a known kind")]
    [InlineData("", "is empty")]
    public void What_is_no_archive_that_is_read_is_named_for_what_it_is(string base64, string words) =>
        Refused("data.tar.gz", Convert.FromBase64String(base64), words);

    [Theory]
    [InlineData("\n <!DOCTYPE html><html><body>404</body></html>", "is an HTML page")]
    [InlineData("<HTML>", "is an HTML page")]
    [InlineData("Zu viele Anfragen: später wieder", "is a text file")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0", "is a Git LFS pointer")]
    public void A_page_or_a_text_in_place_of_an_archive_is_named(string text, string words) =>
        Refused("data.tgz", Encoding.UTF8.GetBytes(text), words);

    [Fact]
    public void A_gzip_file_without_a_tar_archive_says_what_it_holds()
    {
        using var file = new MemoryStream();
        using (var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
            packed.Write("<!doctype html>"u8);

        Refused("data.tgz", file.ToArray(), "is a gzip file that holds an HTML page and no tar archive");
    }

    [Fact]
    public void A_pipe_in_place_of_an_archive_is_not_waited_for_and_a_broken_link_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files");
        Process.Start("mkfifo", workshop.InRoot("data.tar")).WaitForExit();
        File.CreateSymbolicLink(workshop.InRoot("link.tar"), "/mnt/elsewhere.tar");

        Assert.Contains("data.tar: is empty, or a pipe or a device", Refusal("data.tar"), StringComparison.Ordinal);
        Assert.Contains("link.tar: is a link to /mnt/elsewhere.tar, which is not there", Refusal("link.tar"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sparse_member_of_the_pax_format_comes_out_whole_under_its_own_name(bool isVersion1)
    {
        workshop.WithTwoClasses();
        var picture = Picture.Png(12, 8, (_, _) => SKColors.Lime);
        workshop.Write("train/ant/9.png", [.. picture, .. new byte[5000]]);
        var expected = workshop.OpenFolder(8).Planes();
        File.Delete(Path.Combine(workshop.Source, "train", "ant", "9.png"));
        var archive = workshop.Archive("data.tar");
        using (var file = File.Open(archive, FileMode.Open))
        {
            // Before the two blocks that end an archive.
            file.Seek(-1024, SeekOrigin.End);
            using var writer = new TarWriter(file, TarEntryFormat.Pax);
            writer.WriteEntry(Sparse(picture, isVersion1));
        }

        using var pack = workshop.OpenTar(archive, 8);

        Assert.Equal(7, pack.Header.TrainCount);
        Assert.Equal(expected, pack.Planes());
    }

    [Fact]
    public void A_sparse_member_whose_map_leads_outside_of_it_is_named()
    {
        var archive = workshop.InRoot("data.tar");
        using (var writer = new TarWriter(File.Create(archive), TarEntryFormat.Pax))
            writer.WriteEntry(
                new PaxTarEntry(
                    TarEntryType.RegularFile,
                    "train/ant/GNUSparseFile.0/9.tif",
                    Attributes(("major", "1"), ("minor", "0"), ("name", "train/ant/9"), ("realsize", "10"))
                )
                {
                    DataStream = new MemoryStream([.. Encoding.ASCII.GetBytes("1\n5\n6\n".PadRight(512, '\0')), 1, 2, 3, 4, 5, 6]),
                }
            );

        Assert.Contains("the map of sparse member train/ant/9 leads outside of it", Refusal("data.tar"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sparse_member_of_the_old_format_is_refused_by_name()
    {
        var archive = workshop.WithTwoClasses().Archive("data.tar");
        var bytes = File.ReadAllBytes(archive);
        var header = bytes.AsSpan().IndexOf("train/ant/0.png"u8);
        while (bytes[header + 156] != '0')
            header += 1 + bytes.AsSpan(header + 1).IndexOf("train/ant/0.png"u8);
        bytes[header + 156] = (byte)'S';
        "        "u8.CopyTo(bytes.AsSpan(header + 148));
        var sum = bytes.AsSpan(header, 512).ToArray().Sum(value => value);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, header + 148);
        File.WriteAllBytes(archive, bytes);

        Assert.Contains("member train/ant/0.png is of a kind that is not read (SparseFile)", Refusal("data.tar"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_of_a_zip_that_needs_a_password_is_named()
    {
        var archive = Archive("zip", "data.zip");
        var bytes = File.ReadAllBytes(archive);
        for (var at = 0; at < bytes.Length - 10; at++)
        {
            if (bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8))
                bytes[at + 8] |= 1;
        }

        File.WriteAllBytes(archive, bytes);

        Assert.Contains("is encrypted; allowed: members without a password", Refusal("data.zip"), StringComparison.Ordinal);
    }

    private static PaxTarEntry Sparse(byte[] picture, bool isVersion1)
    {
        var length = (picture.Length + 5000).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var map = FormattableString.Invariant($"1\n0\n{picture.Length}\n");
        return isVersion1
            ? new PaxTarEntry(
                TarEntryType.RegularFile,
                "train/ant/GNUSparseFile.77/9.png",
                Attributes(("major", "1"), ("minor", "0"), ("name", "train/ant/9.png"), ("realsize", length))
            )
            {
                DataStream = new MemoryStream([.. Encoding.ASCII.GetBytes(map.PadRight(512, '\0')), .. picture]),
            }
            : new PaxTarEntry(
                TarEntryType.RegularFile,
                "train/ant/GNUSparseFile.77/9.png",
                Attributes(("map", $"0,{picture.Length}"), ("name", "train/ant/9.png"), ("size", length))
            )
            {
                DataStream = new MemoryStream(picture),
            };
    }

    private static Dictionary<string, string> Attributes(params (string Name, string Value)[] values) =>
        values.ToDictionary(value => $"GNU.sparse.{value.Name}", value => value.Value);

    private string Archive(string kind, string name)
    {
        if (!Directory.Exists(workshop.Source))
            workshop.WithTwoClasses();
        var made = kind switch
        {
            "zip" => workshop.InRoot("made.zip"),
            "v7" => workshop.InRoot("made.v7"),
            "tgz" => workshop.Archive("made.tgz"),
            _ => workshop.Archive("made.tar"),
        };
        if (kind == "zip")
            ZipFile.CreateFromDirectory(workshop.Source, made);
        if (kind == "v7")
            WriteV7(made);
        File.Move(made, workshop.InRoot(name));
        return workshop.InRoot(name);
    }

    private void WriteV7(string archive)
    {
        using var writer = new TarWriter(File.Create(archive), TarEntryFormat.V7);
        foreach (var (split, className, file) in workshop.Images())
            writer.WriteEntry(file, $"{split}/{className}/{Path.GetFileName(file)}");
    }

    private void Refused(string name, byte[] content, string words)
    {
        File.WriteAllBytes(workshop.InRoot(name), content);
        Assert.Contains($"{name}: {words}", Refusal(name), StringComparison.Ordinal);
    }

    private string Refusal(string name)
    {
        var message = Assert
            .Throws<ConfigurationException>(() =>
                workshop.Open(DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.InRoot(name)), 8)
            )
            .Message;
        Assert.DoesNotContain('\n', message);
        Assert.Empty(workshop.CachedFiles);
        return message;
    }
}
