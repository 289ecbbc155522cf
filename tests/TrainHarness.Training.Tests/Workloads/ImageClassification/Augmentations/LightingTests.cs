using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Augmentations;

public sealed class LightingTests
{
    [Fact]
    public void Every_pixel_of_an_example_moves_by_one_colour_and_examples_by_different_ones()
    {
        using var scope = NewDisposeScope();
        var examples = zeros(2, 3, 4, 4);
        var scale = tensor([0.5f, 0.25f, 2f], [1, 3, 1, 1]);
        Lighting.Apply(0.1, examples, scale, Seeds.Generator(1, "lighting"));
        var random = Seeds.Generator(1, "lighting");
        for (var example = 0; example < 2; example++)
        {
            var shift = Lighting.Draw(0.1, random);
            for (var channel = 0; channel < 3; channel++)
            {
                var expected =
                    shift[channel]
                    * (
                        channel == 0 ? 0.5
                        : channel == 1 ? 0.25
                        : 2
                    );
                Assert.NotEqual(0, expected);
                Assert.True(examples[example, channel].allclose(full(4, 4, (float)expected)));
            }
        }
    }

    [Fact]
    public void The_colours_vary_as_much_as_the_components_say_mostly_all_three_together()
    {
        var random = Seeds.Generator(1, "lighting");
        var shifts = Enumerable.Range(0, 20_000).Select(_ => Lighting.Draw(0.1, random)).ToList();
        // 255 · 0.1 · √(Σ (component · own deviation)²): red √(0.5675²·0.2175² + 0.7192²·0.0188² + 0.4009²·0.0045²) = 0.12419.
        Assert.Equal(25.5 * 0.12419, Deviation(shifts, 0), 0.05);
        Assert.Equal(25.5 * 0.12638, Deviation(shifts, 1), 0.05);
        Assert.Equal(25.5 * 0.12762, Deviation(shifts, 2), 0.05);
        Assert.InRange(shifts.Average(shift => shift[0] * shift[1]) / (Deviation(shifts, 0) * Deviation(shifts, 1)), 0.95, 1);
    }

    private static double Deviation(IReadOnlyList<float[]> shifts, int channel) =>
        Math.Sqrt(shifts.Average(shift => shift[channel] * shift[channel]));
}
