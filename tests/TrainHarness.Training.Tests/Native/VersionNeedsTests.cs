using TrainHarness.Training.Native;

namespace TrainHarness.Training.Tests.Native;

public class VersionNeedsTests
{
    private const string Version = "GLIBCXX_3.4.32";

    [Fact]
    public void A_need_is_made_weak_once_and_nothing_else_changes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries ship on Linux only.");
        var shipped = ShippedLibrary.Bytes();
        var cured = ShippedLibrary.Bytes();

        Assert.Equal(1, VersionNeeds.Weaken(cured, Version));
        Assert.Equal(1, shipped.Zip(cured).Count(pair => pair.First != pair.Second));
        Assert.Equal(0, VersionNeeds.Weaken(cured, Version));
    }

    [Fact]
    public void A_version_that_is_not_needed_changes_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries ship on Linux only.");
        var image = ShippedLibrary.Bytes();

        Assert.Equal(0, VersionNeeds.Weaken(image, "GLIBCXX_9.9.9"));
        Assert.Equal(ShippedLibrary.Bytes(), image);
    }

    [Fact]
    public void What_is_no_library_is_refused() =>
        Assert.Throws<BadImageFormatException>(() => VersionNeeds.Weaken(new byte[4096], Version));

    [Fact]
    public void A_truncated_library_is_refused_wherever_it_ends()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries ship on Linux only.");
        var image = ShippedLibrary.Bytes();
        for (var length = 0; length < image.Length; length += 100_003)
            Assert.Throws<BadImageFormatException>(() => VersionNeeds.Weaken(image.AsSpan(0, length).ToArray(), Version));
    }

    [Fact]
    public void Damaged_headers_and_version_tables_never_read_outside_the_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries ship on Linux only.");
        var shipped = ShippedLibrary.Bytes();
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var image = (byte[])shipped.Clone();
            for (var change = 0; change < 4; change++)
                image[random.Next(6, 64)] = (byte)random.Next(256);
            for (var change = 0; change < 64; change++)
                image[image.Length - 1 - random.Next(3000)] = (byte)random.Next(256);
            if (Record.Exception(() => VersionNeeds.Weaken(image, Version)) is { } exception)
                Assert.IsType<BadImageFormatException>(exception);
        }
    }
}
