using System.Buffers.Binary;
using System.Text;
using SkiaSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Packs;

/// <summary>When a pack is used again, and when it is made anew.</summary>
public sealed class PackCacheTests : IDisposable
{
    private readonly DatasetWorkshop workshop = new DatasetWorkshop().WithTwoClasses();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public void The_second_opening_packs_nothing()
    {
        var fingerprint = Fingerprint();
        Assert.Contains(new PreparationProgress(10, 10), workshop.Reports);
        var written = File.GetLastWriteTimeUtc(PackFile);

        Assert.Equal(fingerprint, Fingerprint());

        Assert.Empty(workshop.Reports);
        Assert.Equal(written, File.GetLastWriteTimeUtc(PackFile));
    }

    [Fact]
    public void Whatever_goes_wrong_with_any_write_is_one_line_and_leaves_no_pack()
    {
        var fingerprint = Fingerprint();
        int writes;
        File.Delete(PackFile);
        using (var disk = new FaultyDisk(failing: -1, Fault.Failure))
        {
            Fingerprint();
            writes = Assert.Single(disk.Writes);
        }

        // Labels, ten examples, the header.
        Assert.Equal(12, writes);
        File.Delete(PackFile);
        foreach (var fault in Enum.GetValues<Fault>())
        {
            for (var write = 0; write < writes; write++)
            {
                using (new FaultyDisk(failing: 0, fault, write))
                {
                    var error = Assert.ThrowsAny<Exception>(() =>
                    {
                        Fingerprint();
                    });
                    Assert.True(error is IOException or UnauthorizedAccessException, error.ToString());
                    Assert.Contains(FaultyDisk.Words(fault), error.Message, StringComparison.Ordinal);
                    Assert.Matches(fault == Fault.Failure ? "" : @"test-8-[0-9a-f]+\.pack: ", error.Message);
                }

                Assert.Empty(workshop.CachedFiles);
            }
        }

        Assert.Equal(fingerprint, Fingerprint());
    }

    [Fact]
    public void A_flipped_byte_is_found_and_the_pack_made_again() => AssertMadeAgain(bytes => bytes[^1] ^= 1, "checksum");

    [Fact]
    public void A_pack_that_is_written_to_while_it_is_read_is_noticed_and_one_that_is_replaced_is_read_as_it_was()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets nobody write to a file that is mapped");
        using var pack = workshop.OpenFolder(8);
        pack.RequireUnchanged();
        File.Copy(PackFile, PackFile + ".new");
        File.Move(PackFile + ".new", PackFile, overwrite: true);
        pack.RequireUnchanged();

        using var changed = workshop.OpenFolder(8);
        File.SetLastWriteTimeUtc(PackFile, DateTime.UtcNow.AddSeconds(1));
        Assert.Contains(
            "was changed while it was being read",
            Assert.Throws<IOException>(changed.RequireUnchanged).Message,
            StringComparison.Ordinal
        );
        pack.RequireUnchanged();
    }

    [Fact]
    public void A_label_without_a_class_is_found_without_the_checksum() =>
        AssertMadeAgain(bytes => bytes[LabelsOffset(bytes)] = 77, "label", verify: false);

    [Fact]
    public void A_cut_off_pack_is_made_again()
    {
        AssertReplaced(bytes => bytes[..^1], "length");
        AssertReplaced(bytes => bytes[..7], "cut off");
        AssertReplaced(_ => [], "cut off");
    }

    [Fact]
    public void A_pack_of_an_older_format_is_made_again() =>
        AssertMadeAgain(bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 0), "format version 0", verify: false);

    [Fact]
    public void Another_file_in_its_place_is_made_again() => AssertMadeAgain(bytes => bytes[0] ^= 1, "not a pack", verify: false);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(0)]
    public void A_header_of_impossible_length_is_never_allocated(int length) =>
        AssertMadeAgain(bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), length), "impossible length", verify: false);

    [Theory]
    [InlineData("\"trainCount\":6", "\"trainCount\":7", "its length is not")]
    [InlineData("\"trainCount\":6", "\"trainCount\":0", "impossible count")]
    [InlineData("\"side\":8", "\"side\":9", "its length is not")]
    [InlineData("\"side\":8", "\"side\":0", "impossible side")]
    [InlineData("\"ant\"", "null ", "no classes")]
    [InlineData("\"name\":\"test\"", "\"nam\": \"test\"", "cannot be read")]
    [InlineData("\"name\":\"test\"", "\"name\":null  ", "cannot be read")]
    [InlineData("\"name\":\"test\"", "\"name\":\"te\"  ", "not written by this version")]
    public void A_header_that_lies_is_not_believed(string original, string lie, string reason) =>
        AssertMadeAgain(bytes => Replace(bytes, original, lie), reason, verify: false);

    [Fact]
    public void A_pack_of_something_else_under_its_name_is_made_again() =>
        AssertMadeAgain(
            bytes =>
            {
                ref var digit = ref bytes[bytes.AsSpan().IndexOf("\"sourceStamp\":\""u8) + 15];
                digit = digit == (byte)'0' ? (byte)'1' : (byte)'0';
            },
            "something else",
            verify: false
        );

    [Fact]
    public void A_changed_folder_has_another_pack()
    {
        var before = Fingerprint();
        workshop.Write("train/ant/0.png", Picture.Png(12, 8, (_, _) => SKColors.White));

        Assert.NotEqual(before, Fingerprint());
        Assert.NotEmpty(workshop.Reports);
    }

    [Fact]
    public void A_changed_archive_has_another_pack()
    {
        var archive = workshop.Archive("data.tar");
        using var before = workshop.OpenTar(archive, 8);
        workshop.Write("train/ant/0.png", Picture.Png(12, 8, (_, _) => SKColors.White));
        workshop.Archive("data.tar");
        File.SetLastWriteTimeUtc(archive, DateTime.UtcNow.AddSeconds(2));

        using var after = workshop.OpenTar(archive, 8);

        Assert.NotEqual(before.Fingerprint, after.Fingerprint);
    }

    [Fact]
    public void Another_side_is_another_pack_of_the_same_source()
    {
        using var small = workshop.OpenFolder(6);
        using var large = workshop.OpenFolder(8);

        Assert.Equal(small.Header.SourceFingerprint, large.Header.SourceFingerprint);
        Assert.NotEqual(small.Fingerprint, large.Fingerprint);
        Assert.Equal(2, workshop.CachedFiles.Count);
    }

    [Fact]
    public async Task Two_that_prepare_the_same_pack_at_once_do_not_harm_it()
    {
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source);
        var cancellation = TestContext.Current.CancellationToken;
        var openings = Enumerable
            .Range(0, 4)
            .Select(_ =>
                Task.Run(
                    () =>
                        DatasetPreparation.OpenOrCreate(description, Subset.Everything, 8, null, workshop.Cache, true, null, cancellation),
                    cancellation
                )
            );

        var packs = await Task.WhenAll(openings);

        Assert.Single(packs.Select(pack => pack.Fingerprint).Distinct());
        Assert.Single(workshop.CachedFiles);
        Assert.Equal(packs[0].Fingerprint, Fingerprint());
        Assert.Empty(workshop.Reports);
        Array.ForEach(packs, pack => pack.Dispose());
    }

    [Fact]
    public void Cancelling_leaves_nothing_behind()
    {
        var description = DatasetWorkshop.Description(DatasetKind.ImageFolder, workshop.Source);

        Assert.ThrowsAny<OperationCanceledException>(() =>
            DatasetPreparation.OpenOrCreate(
                description,
                Subset.Everything,
                8,
                null,
                workshop.Cache,
                true,
                null,
                new CancellationToken(canceled: true)
            )
        );

        Assert.Empty(workshop.CachedFiles);
    }

    [Fact]
    public void What_a_killed_process_left_long_ago_is_removed()
    {
        var pack = Path.GetFileName(PackPath());
        File.Delete(PackFile);
        var old = Path.Combine(workshop.Cache, $"{pack}.0123.tmp");
        var recent = Path.Combine(workshop.Cache, $"{pack}.4567.tmp");
        File.WriteAllBytes(old, [1]);
        File.WriteAllBytes(recent, [1]);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        Fingerprint();

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(recent));
    }

    private string PackFile => Assert.Single(workshop.CachedFiles, file => file.EndsWith(".pack", StringComparison.Ordinal));

    private static int LabelsOffset(byte[] pack) => (16 + BinaryPrimitives.ReadInt32LittleEndian(pack.AsSpan(12)) + 63) / 64 * 64;

    private static void Replace(byte[] pack, string original, string replacement)
    {
        var at = pack.AsSpan().IndexOf(Encoding.UTF8.GetBytes(original));
        Assert.True(at > 0);
        Encoding.UTF8.GetBytes(replacement).CopyTo(pack, at);
    }

    private void AssertMadeAgain(Action<byte[]> edit, string reason, bool verify = true) =>
        AssertReplaced(
            bytes =>
            {
                edit(bytes);
                return bytes;
            },
            reason,
            verify
        );

    private void AssertReplaced(Func<byte[], byte[]> damaged, string reason, bool verify = true)
    {
        var fingerprint = Fingerprint();
        var whole = File.ReadAllBytes(PackFile);
        File.WriteAllBytes(PackFile, damaged([.. whole]));

        Assert.Equal(fingerprint, Fingerprint(verify));

        Assert.Contains(reason, workshop.Reports[0].Rejected, StringComparison.Ordinal);
        Assert.Equal(whole, File.ReadAllBytes(PackFile));
    }

    private string Fingerprint(bool verify = true)
    {
        using var pack = workshop.OpenFolder(8, verify: verify);
        return pack.Fingerprint;
    }

    private string PackPath()
    {
        using var pack = workshop.OpenFolder(8);
        return pack.FilePath;
    }
}
