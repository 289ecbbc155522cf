using TrainHarness.Training.Native;

namespace TrainHarness.Training.Tests.Native;

public class LayoutProbeTests
{
    [Fact]
    public void The_loaded_libtorch_has_the_layout_that_the_bindings_expect() => Assert.Null(LayoutProbe.Run(TorchLibrary.TorchSharp));

    [Fact]
    public void Equal_readings_are_no_mismatch() =>
        Assert.Null(LayoutProbe.FirstMismatch([new("the number of elements", () => 30, () => 30), new("size 0", () => 2, () => 2)]));

    [Fact]
    public void A_mismatch_says_what_was_read_and_what_is_true() =>
        Assert.Equal(
            "the number of elements reads as 94218 where libtorch says 30",
            LayoutProbe.FirstMismatch([new("the number of elements", () => 94218, () => 30)])
        );

    [Fact]
    public void Nothing_is_read_after_a_mismatch()
    {
        var mismatch = LayoutProbe.FirstMismatch([
            new("the number of dimensions", () => 7, () => 3),
            new("size 0", () => throw new InvalidOperationException("This follows a wild pointer."), () => 2),
        ]);

        Assert.StartsWith("the number of dimensions", mismatch, StringComparison.Ordinal);
    }
}
