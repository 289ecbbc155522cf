using System.Security.Cryptography;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native;

public sealed class CuredLibraryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_copy_is_named_by_the_originals_hash_and_the_original_stays_as_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the copy.");
        var before = ShippedLibrary.Bytes();

        var copy = CuredLibrary.Of(ShippedLibrary.File, folder["native"]);

        Assert.Equal($"LibTorchSharp-{Convert.ToHexStringLower(SHA256.HashData(before))}.so", Path.GetFileName(copy));
        Assert.Equal(before, ShippedLibrary.Bytes());
        Assert.Equal([copy], Directory.GetFiles(folder["native"]));
    }

    [Fact]
    public void The_copy_of_last_time_is_used_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the copy.");
        var copy = CuredLibrary.Of(ShippedLibrary.File, folder.Path);
        var written = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(copy, written);

        Assert.Equal(copy, CuredLibrary.Of(ShippedLibrary.File, folder.Path));
        Assert.Equal(written, File.GetLastWriteTimeUtc(copy));
    }

    [Fact]
    public void A_damaged_copy_is_made_anew()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the copy.");
        var copy = CuredLibrary.Of(ShippedLibrary.File, folder.Path);
        var sound = File.ReadAllBytes(copy);
        File.WriteAllBytes(copy, sound.AsSpan(0, 1000).ToArray());

        CuredLibrary.Of(ShippedLibrary.File, folder.Path);

        Assert.Equal(sound, File.ReadAllBytes(copy));
    }

    [Fact]
    public void A_copy_that_cannot_be_written_is_one_line_and_nothing_of_it_is_left()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the copy.");
        foreach (var fault in Enum.GetValues<Fault>())
        {
            using (new FaultyDisk(failing: 0, fault))
            {
                var exception = Assert.Throws<TorchLoadException>(() => CuredLibrary.Of(ShippedLibrary.File, folder.Path));
                Assert.Contains(FaultyDisk.Words(fault), exception.Message, StringComparison.Ordinal);
            }

            Assert.Empty(Directory.GetFiles(folder.Path));
        }
    }

    [Fact]
    public void A_file_that_is_no_library_is_one_clear_line()
    {
        File.WriteAllText(folder["libLibTorchSharp.so"], new string('x', 1000));

        var exception = Assert.Throws<TorchLoadException>(() => CuredLibrary.Of(folder["libLibTorchSharp.so"], folder["cache"]));

        Assert.Equal($"{folder["libLibTorchSharp.so"]} is damaged: not a 64-bit little-endian ELF library.", exception.Message);
        Assert.False(Directory.Exists(folder["cache"]));
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_written_names_the_variable()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux needs the copy.");
        File.WriteAllText(folder["file"], "");

        var exception = Assert.Throws<TorchLoadException>(() => CuredLibrary.Of(ShippedLibrary.File, folder["file"]));

        Assert.Contains("TRAINHARNESS_CACHE", exception.Message, StringComparison.Ordinal);
    }
}
