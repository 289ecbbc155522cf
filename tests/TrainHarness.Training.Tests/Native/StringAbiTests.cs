using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Tests.Native;

public class StringAbiTests
{
    [Fact]
    public void The_new_strings_are_no_problem() =>
        Assert.Null(StringAbi.Problem(symbol => symbol.Contains("__cxx11", StringComparison.Ordinal)));

    [Fact]
    public void The_old_strings_are_named() =>
        Assert.Contains(
            "_GLIBCXX_USE_CXX11_ABI=0",
            StringAbi.Problem(symbol => symbol.EndsWith("RKSs", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_libc10_with_neither_is_not_trusted() =>
        Assert.Contains("cannot be told", StringAbi.Problem(_ => false), StringComparison.Ordinal);
}
