using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Engine;

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
}
