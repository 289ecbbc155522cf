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
    public void Cosine_falls_from_one_to_zero(double progress, double factor) =>
        Assert.Equal(factor, new CosineSchedule().At(progress), 9);

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
