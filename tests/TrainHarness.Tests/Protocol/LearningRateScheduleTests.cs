using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(29.9 / 90, 1)]
    [InlineData(30.1 / 90, 0.1)]
    [InlineData(60.1 / 90, 0.01)]
    [InlineData(1, 0.01)]
    public void Stepped_divides_by_ten_every_30_of_90_epochs(double progress, double factor) =>
        Assert.Equal(factor, new SteppedSchedule(0.1, 3).At(progress), 12);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1 / 3.0, 0.1)]
    [InlineData(0.5, 0.0316227766)]
    [InlineData(1, 0.001)]
    public void Smoothed_has_the_same_decay_without_the_steps(double progress, double factor) =>
        Assert.Equal(factor, new SmoothedStepSchedule(0.1, 3).At(progress), 9);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 0.8535533906)]
    [InlineData(0.5, 0.5)]
    [InlineData(1, 0)]
    public void Cosine_falls_from_one_to_zero(double progress, double factor) => Assert.Equal(factor, new CosineSchedule().At(progress), 9);

    // nanoGPT's get_lr with min_lr a tenth of the rate: min_lr + (rate - min_lr) (1 + cos(π progress)) / 2.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0.55)]
    [InlineData(1, 0.1)]
    public void A_cosine_with_a_floor_ends_there(double progress, double factor) =>
        Assert.Equal(factor, new CosineSchedule { Floor = 0.1 }.At(progress), 9);

    // MobileNets over 100 epochs: × 0.98 after every epoch. EfficientNets over 350: × 0.97 after every 2.4 epochs, evenly in between.
    [Theory]
    [InlineData(0.98, 1, true, 100, 0.999 / 100, 1)]
    [InlineData(0.98, 1, true, 100, 1.0 / 100, 0.98)]
    [InlineData(0.98, 1, true, 100, 50.5 / 100, 0.364170)]
    [InlineData(0.97, 2.4, true, 350, 2.39 / 350, 1)]
    [InlineData(0.97, 2.4, true, 350, 4.8 / 350, 0.9409)]
    [InlineData(0.97, 2.4, false, 350, 1.2 / 350, 0.984886)]
    [InlineData(0.97, 2.4, false, 350, 1, 0.011773)]
    public void Exponential_decays_by_its_factor_every_so_many_epochs(
        double decay,
        double every,
        bool staircase,
        int epochs,
        double progress,
        double factor
    ) => Assert.Equal(factor, new ExponentialSchedule(decay, every, staircase, epochs).At(progress), 6);

    [Fact]
    public void A_staircase_falls_at_the_first_step_of_an_epoch_whatever_its_progress_rounds_to()
    {
        var schedule = new ExponentialSchedule(0.5, 1, Staircase: true, Epochs: 49);
        Assert.All(Enumerable.Range(0, 49), epoch => Assert.Equal(Math.Pow(0.5, epoch), schedule.At((double)(epoch * 313) / (49 * 313))));
    }

    // arXiv:1409.3215, section 3.4: after five of 7.5 epochs the rate halves every half epoch.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(5.4, 1)]
    [InlineData(5.5, 0.5)]
    [InlineData(6.2, 0.25)]
    [InlineData(7.5, 0.03125)]
    public void A_decay_may_begin_late(double epoch, double factor)
    {
        var schedule = new ExponentialSchedule(0.5, 0.5, Staircase: true, Epochs: 15) { FromEpoch = 5 };
        Assert.Equal(factor, schedule.At(epoch / 15), 12);
        // The same curve over twice the epochs.
        Assert.Equal(factor, schedule.Over(30).At(epoch / 15), 12);
    }

    // arXiv:1706.03762, section 5.3: 4,000 steps of warm-up, then step^-0.5; at 100,000 of them the rate is a fifth.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(4_000, 1)]
    [InlineData(16_000, 0.5)]
    [InlineData(100_000, 0.2)]
    public void Inverse_square_root_keeps_the_rate_to_the_end_of_the_warm_up(int step, double factor) =>
        Assert.Equal(factor, new InverseSquareRootSchedule(FromEpoch: 4, Epochs: 100).At(step / 100_000.0), 12);

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 0.25, 0.75)]
    [InlineData(0.5, 0.75, 0.5)]
    [InlineData(0.5, 1, 0)]
    public void Polynomial_is_a_power_of_what_is_left(double power, double progress, double factor) =>
        Assert.Equal(factor, new PolynomialSchedule(power).At(progress), 12);

    [Fact]
    public void Warm_up_rises_linearly_and_then_leaves_the_schedule_alone()
    {
        var recipe = Samples.Recipe with { Epochs = 10, WarmUpEpochs = 2, Schedule = new SteppedSchedule(0.1, 2) };
        var start = recipe.Plain with { LearningRate = 0.4 };
        Assert.Equal(0, recipe.LearningRateAt(start, 0), 12);
        Assert.Equal(0.2, recipe.LearningRateAt(start, 0.1), 12);
        Assert.Equal(0.4, recipe.LearningRateAt(start, 0.3), 12);
        Assert.Equal(0.04, recipe.LearningRateAt(start, 0.6), 12);
    }
}
