using TrainHarness.Compute;
using TrainHarness.Reports;

namespace TrainHarness.Tests.Reports;

public sealed class ShownTests
{
    [Theory]
    [InlineData(5.13e10, "51.3 GFLOP/s")]
    [InlineData(9.895e14, "990 TFLOP/s")]
    [InlineData(2e15, "2 PFLOP/s")]
    [InlineData(12, "12 FLOP/s")]
    [InlineData(0, "0 FLOP/s")]
    public void Rates_have_three_digits_and_a_decimal_prefix(double perSecond, string shown) => Assert.Equal(shown, Shown.Rate(new FlopRate(perSecond)));

    [Theory]
    [InlineData(460_200_000_000, "460.2 G")]
    [InlineData(999, "999")]
    public void Multiply_adds_have_four_digits_and_a_decimal_prefix(ulong count, string shown) => Assert.Equal(shown, Shown.Macs(new Macs(count)));
}
