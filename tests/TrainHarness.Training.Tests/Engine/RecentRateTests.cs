using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Tests.Engine;

public sealed class RecentRateTests
{
    [Fact]
    public void A_training_that_becomes_slow_shows_it_within_ten_seconds_and_one_that_was_resumed_has_no_past()
    {
        var rate = new RecentRate();
        rate.Start(3600, 1_000_000, 5e12);
        for (var second = 1; second <= 60; second++)
            rate.Add(3600 + second, 1_000_000 + (100 * second), 5e12 + (2e9 * second));
        Assert.Equal((100, 2e9), (rate.ExamplesPerSecond, rate.FlopsPerSecond));
        for (var second = 1; second <= 10; second++)
            rate.Add(3660 + second, 1_006_000 + (10 * second), 5.12e12 + (2e8 * second));
        Assert.Equal((10, 2e8), (rate.ExamplesPerSecond, rate.FlopsPerSecond));
    }

    [Fact]
    public void Before_any_time_has_passed_there_is_no_rate()
    {
        var rate = new RecentRate();
        rate.Start(5, 100, 1e9);
        rate.Add(5, 116, 2e9);
        Assert.Equal((0, 0), (rate.ExamplesPerSecond, rate.FlopsPerSecond));
    }
}
