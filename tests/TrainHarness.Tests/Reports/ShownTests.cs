using TrainHarness.Compute;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Tests.Reports;

public sealed class ShownTests
{
    [Theory]
    [InlineData(5.13e10, "51.3 GFLOP/s")]
    [InlineData(9.895e14, "990 TFLOP/s")]
    [InlineData(2e15, "2.00 PFLOP/s")]
    [InlineData(12, "12.0 FLOP/s")]
    [InlineData(0, "0 FLOP/s")]
    public void Rates_have_three_digits_and_a_decimal_prefix(double perSecond, string shown) =>
        Assert.Equal(shown, Shown.Rate(new FlopRate(perSecond)));

    [Theory]
    [InlineData(460_200_000_000, "460.2 G")]
    [InlineData(30_000_000_000, "30.00 G")]
    [InlineData(999, "999")]
    [InlineData(7, "7")]
    public void Multiply_adds_have_four_digits_and_a_decimal_prefix_and_few_are_written_whole(ulong count, string shown) =>
        Assert.Equal(shown, Shown.Macs(new Macs(count)));

    [Theory]
    [InlineData(1, "1.00")]
    [InlineData(1.7, "1.70")]
    [InlineData(7.4, "7.40")]
    [InlineData(10, "10.0")]
    [InlineData(9.996, "10.0")]
    [InlineData(99.96, "100")]
    [InlineData(184.4, "184")]
    [InlineData(321_045, "321000")]
    [InlineData(999_600, "1.00E+06")]
    [InlineData(0.0690, "0.0690")]
    [InlineData(0.000123, "0.000123")]
    [InlineData(0.0000123, "1.23E-05")]
    [InlineData(-2.5, "-2.50")]
    [InlineData(0, "0")]
    public void A_factor_has_three_digits_also_where_they_are_zeros(double value, string shown)
    {
        Assert.Equal(shown + "×", Shown.Times(value));
        Assert.Equal(shown + "×", AxisRange.Text(Scale.LogFactor, value));
        Assert.Equal(shown + "×", Snapshot.InGermanCulture(() => Shown.Times(value)));
    }

    [Fact]
    public void An_axis_is_marked_without_zeros_that_say_nothing()
    {
        Assert.Equal(
            ["1×", "2×", "5×", "10×", "20×"],
            AxisRange.Of(new Axis("", Scale.LogFactor), [0.9, 30]).Ticks().Select(tick => tick.Text).Where(text => text.Length > 0)
        );
        Assert.Equal(
            ["1×", "2×", "3×"],
            AxisRange.Of(new Axis("", Scale.LogFactor), [1, 3.5]).Ticks().Select(tick => tick.Text).Where(text => text.Length > 0)
        );
        Assert.Equal(
            ["1 G", "10 G", "100 G"],
            AxisRange.Of(new Axis("", Scale.Log), [9e8, 3e11]).Ticks().Select(tick => tick.Text).Where(text => text.Length > 0)
        );
    }
}
