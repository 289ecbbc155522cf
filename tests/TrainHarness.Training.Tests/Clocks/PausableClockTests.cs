using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Clocks;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Clocks;

public sealed class PausableClockTests
{
    [Fact]
    public void A_stopped_clock_stands_still_and_goes_on_from_there()
    {
        var clock = new PausableClock(CPU);
        Assert.Equal(0, clock.Seconds);
        clock.Start();
        Thread.Sleep(5);
        clock.Stop();
        var seconds = clock.Seconds;
        Assert.True(seconds > 0);
        Thread.Sleep(5);
        Assert.Equal(seconds, clock.Seconds);
        clock.Start();
        Thread.Sleep(5);
        clock.Stop();
        Assert.True(clock.Seconds > seconds);
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    public void A_machine_whose_clock_was_set_moves_no_duration_of_a_trial(int days)
    {
        var clock = new TrialClock();
        var steady = System.Diagnostics.Stopwatch.StartNew();
        // As the start of a trial looks whose machine's clock was set since.
        var started = DateTimeOffset.UtcNow.AddDays(days);
        clock.Resume(started, 5, suspendedSeconds: null, trialsPerDevice: null);
        var seconds = clock.Seconds;
        Assert.Equal(started, clock.Started);
        Assert.InRange(seconds, 5, 5 + steady.Elapsed.TotalSeconds + 60);
    }

    [Fact]
    public void A_trial_that_was_suspended_before_its_checkpoint_has_been_suspended_and_one_that_did_not_look_cannot_say()
    {
        using var watch = new SuspensionWatch();
        var clock = new TrialClock(watch);
        Assert.Equal(0, clock.SuspendedSeconds);
        clock.Resume(DateTimeOffset.UtcNow, 5, suspendedSeconds: 20, trialsPerDevice: null);
        Assert.Equal(20, clock.SuspendedSeconds);
        clock.Resume(DateTimeOffset.UtcNow, 5, suspendedSeconds: null, trialsPerDevice: 3);
        Assert.Null(clock.SuspendedSeconds);
        Assert.Null(new TrialClock().SuspendedSeconds);
    }

    [Fact]
    public void A_trial_that_once_shared_its_device_has_shared_it()
    {
        var alone = new TrialClock();
        Assert.Equal(1, alone.TrialsPerDevice);
        alone.Resume(DateTimeOffset.UtcNow, 5, suspendedSeconds: 0, trialsPerDevice: 3);
        Assert.Equal(3, alone.TrialsPerDevice);
        var shared = new TrialClock(trialsPerDevice: 4);
        shared.Resume(DateTimeOffset.UtcNow, 5, suspendedSeconds: 0, trialsPerDevice: null);
        Assert.Equal(4, shared.TrialsPerDevice);
    }
}
