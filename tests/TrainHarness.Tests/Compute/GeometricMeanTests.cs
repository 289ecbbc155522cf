using System.Numerics;
using TrainHarness.Compute;

namespace TrainHarness.Tests.Compute;

public sealed class GeometricMeanTests
{
    // ViT-B/16 over 300 epochs of ImageNet: above 2^64, and no double.
    private static readonly UInt128 Large = UInt128.Parse("20207392838294458881", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void The_mean_of_one_count_or_of_equal_ones_is_that_count_to_the_last_digit()
    {
        Assert.Equal(Large, GeometricMean.Of([Large]));
        Assert.Equal(Large, GeometricMean.Of([Large, Large, Large]));
        Assert.Equal(1_246_999_437_313, GeometricMean.Of([1_246_999_437_313.0]));
    }

    [Fact]
    public void Powers_of_two_have_means_that_are_known_without_calculating()
    {
        Assert.Equal(UInt128.One << 80, GeometricMean.Of([UInt128.One << 70, UInt128.One << 90]));
        Assert.Equal(UInt128.One << 66, GeometricMean.Of([UInt128.One << 60, UInt128.One << 62, UInt128.One << 76]));
    }

    // Roots to ten digits: √2 = 1.4142135624, √6 = 2.4494897428, ³√24 = 2.8844991406.
    [Theory]
    [InlineData(1, "1", "2")]
    [InlineData(2, "2", "3")]
    [InlineData(3, "2", "3", "4")]
    [InlineData(14142135624, "10000000000", "20000000000")]
    [InlineData(0, "0", "5")]
    public void A_mean_that_is_not_whole_is_rounded_to_the_nearest_whole_number(long expected, params string[] counts) =>
        Assert.Equal(
            (UInt128)expected,
            GeometricMean.Of([.. counts.Select(count => UInt128.Parse(count, System.Globalization.CultureInfo.InvariantCulture))])
        );

    [Fact]
    public void Every_digit_of_a_rounded_mean_is_right()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            UInt128[] counts =
            [
                .. Enumerable
                    .Range(0, random.Next(2, 9))
                    .Select(_ => new UInt128((ulong)random.NextInt64(1 << 20), (ulong)random.NextInt64())),
            ];
            var product = counts.Aggregate(BigInteger.One, (sofar, count) => sofar * count);
            var twice = 2 * (BigInteger)GeometricMean.Of(counts);
            Assert.True(BigInteger.Pow(twice - 1, counts.Length) < product << counts.Length, $"round {round}: too large");
            Assert.True(BigInteger.Pow(twice + 1, counts.Length) > product << counts.Length, $"round {round}: too small");
        }
    }
}
