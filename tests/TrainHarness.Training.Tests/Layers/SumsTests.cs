using TrainHarness.Training.Layers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Layers;

public sealed class SumsTests
{
    // TorchSharp's own a + b fails or is wrong about ten times in so many.
    [Fact]
    public void A_sum_is_right_while_the_garbage_collector_runs()
    {
        using var two = full(16, 2f);
        using var three = full(16, 3f);
        using var collector = new RunningCollector();
        for (var i = 0; i < 100_000; i++)
        {
            using var sum = two.Plus(three);
            using var first = sum[0];
            Assert.Equal(5, first.item<float>());
        }
    }
}
