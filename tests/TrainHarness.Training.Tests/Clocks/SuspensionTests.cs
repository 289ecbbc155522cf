using TrainHarness.Training.Clocks;

namespace TrainHarness.Training.Tests.Clocks;

public sealed class SuspensionTests
{
    private const double Interval = 0.1;

    private readonly Suspension suspension = new(TimeSpan.FromSeconds(Interval));
    private (double Steady, double Asleep, double Processor, double? Queued) at = (1000, 50, 7, 2);

    public SuspensionTests() => Beat();

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(64)]
    public void A_process_that_was_stopped_for_twenty_seconds_is_known_to_have_been_suspended_for_twenty(double threads)
    {
        Train(threads, 30);
        // It worked on to the end of the interval, and its threads were awake before the heartbeat.
        Pass(20 + Interval, processor: threads * Interval + 0.1, queued: 0.01);
        Train(threads, 30);
        Assert.Equal(20, suspension.Frozen.TotalSeconds, 3);
        Assert.Equal((suspension.Frozen, TimeSpan.Zero), (suspension.Total, suspension.Asleep));
    }

    [Fact]
    public void Every_suspension_counts_and_the_time_between_does_not()
    {
        foreach (var seconds in (double[])[2, 120, 86400])
        {
            Train(2, 10);
            Pass(seconds + Interval, processor: 0.05, queued: 0);
        }

        Assert.Equal(86522, suspension.Frozen.TotalSeconds, 3);
    }

    [Fact]
    public void A_heartbeat_that_waits_for_a_processor_is_late_and_the_process_is_not_suspended()
    {
        Train(1, 30);
        // Even where the whole process got nothing: it waited, and its step took as long.
        Pass(5, processor: 0, queued: 4.9);
        Assert.Equal(TimeSpan.Zero, suspension.Total);
    }

    [Fact]
    public void A_heartbeat_that_is_late_while_the_other_threads_work_is_not_suspended()
    {
        Train(1, 30);
        Pass(5, processor: 4.8, queued: 0);
        Assert.Equal(TimeSpan.Zero, suspension.Total);
    }

    [Theory]
    [InlineData(0, 20)]
    [InlineData(12, 0)]
    public void Where_the_system_does_not_tell_of_queues_the_processor_time_decides(double used, double expected)
    {
        at.Queued = null;
        Beat();
        Train(1, 30);
        Pass(20 + Interval, used, queued: 0);
        Assert.Equal(expected, suspension.Frozen.TotalSeconds, 3);
    }

    [Fact]
    public void A_pause_of_less_than_a_second_is_the_machine_s_own()
    {
        Train(1, 30);
        Pass(0.9, processor: 0, queued: 0);
        Assert.Equal(TimeSpan.Zero, suspension.Total);
    }

    [Fact]
    public void A_machine_that_slept_with_its_steady_clock_counts_as_suspended_and_takes_nothing_from_a_duration()
    {
        Train(1, 30);
        at.Asleep += 3600;
        Pass(Interval, processor: 0.05, queued: 0);
        Train(1, 30);
        Assert.Equal((3600, 0), (suspension.Total.TotalSeconds, suspension.Frozen.TotalSeconds));
    }

    private void Train(double threads, int beats)
    {
        for (var beat = 0; beat < beats; beat++)
            Pass(Interval, threads * Interval, queued: 0.001);
    }

    private void Pass(double seconds, double processor, double queued)
    {
        at = (at.Steady + seconds, at.Asleep, at.Processor + processor, at.Queued + queued);
        Beat();
    }

    private void Beat() =>
        suspension.Beat(
            new ProcessMoment(
                TimeSpan.FromSeconds(at.Steady),
                TimeSpan.FromSeconds(at.Asleep),
                TimeSpan.FromSeconds(at.Processor),
                at.Queued is { } queued ? TimeSpan.FromSeconds(queued) : null
            )
        );
}
