using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification;

public class SeenImagesTests
{
    // Three classes in turn, as drawn images are packed: 40, 40 and 39 of them.
    private static readonly int[] Labels = [.. Enumerable.Range(0, 119).Select(index => index % 3)];

    [Theory]
    [InlineData(1, 119)]
    [InlineData(0.5, 59)]
    [InlineData(0.25, 29)]
    [InlineData(0.07, 8)]
    public void A_part_is_rounded_down_and_every_class_keeps_its_share(double part, int expected)
    {
        var seen = Positions(part);
        Assert.Equal(expected, new SeenImages(Labels.Length, part, () => Labels).Count);
        Assert.Equal(expected, seen.Distinct().Count());
        Assert.All([0, 1, 2], label =>
            Assert.InRange(seen.Count(position => Labels[position] == label), (40 * part) - 1.5, (40 * part) + 1.5)
        );
    }

    [Fact]
    public void A_half_contains_the_quarter() => Assert.Subset(Positions(0.5).ToHashSet(), Positions(0.25).ToHashSet());

    [Fact]
    public void A_part_that_leaves_nothing_is_refused() =>
        Assert.Contains(
            "data-0.001 leaves none of 119 training images",
            Assert.Throws<ConfigurationException>(() => SeenImages.CountOf(119, 0.001)).Message,
            StringComparison.Ordinal
        );

    private static int[] Positions(double part)
    {
        var seen = new SeenImages(Labels.Length, part, () => Labels);
        return Assert.Single(
            seen.In([
                [.. Enumerable.Range(0, seen.Count)],
            ])
        );
    }
}
