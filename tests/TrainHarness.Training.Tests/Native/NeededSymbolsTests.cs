using TrainHarness.Training.Native;

namespace TrainHarness.Training.Tests.Native;

public class NeededSymbolsTests
{
    [Fact]
    public void TorchSharps_library_takes_operators_from_libtorch_and_not_its_own_functions()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries ship on Linux only.");
        var needed = NeededSymbols.Of(ShippedLibrary.Bytes()).ToHashSet();

        // As counted by binutils: nm -D --undefined-only libLibTorchSharp.so | grep -c ' U '
        Assert.Equal(1314, needed.Count);
        // at::_ops::relu::call(const at::Tensor&)
        Assert.Contains("_ZN2at4_ops4relu4callERKNS_6TensorE", needed);
        Assert.DoesNotContain("THSTensor_relu", needed);
    }

    [Fact]
    public void The_libtorch_that_TorchSharp_was_built_for_lacks_nothing() => Assert.Empty(TorchLibrary.MissingFunctions());

    [Fact]
    public void Damaged_libraries_are_refused_and_never_read_outside()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries ship on Linux only.");
        Assert.Throws<BadImageFormatException>(() => NeededSymbols.Of(new byte[4096]).Count());
        var shipped = ShippedLibrary.Bytes();
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var image = shipped[..(round % 2 == 0 ? shipped.Length : random.Next(shipped.Length))];
            for (var change = 0; change < 4 && image.Length > 64; change++)
                image[random.Next(6, 64)] = (byte)random.Next(256);
            if (Record.Exception(() => NeededSymbols.Of(image).Count()) is { } exception)
                Assert.IsType<BadImageFormatException>(exception);
        }
    }
}
