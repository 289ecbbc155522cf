using TrainHarness.Cli.Execution;
using TrainHarness.Files;

namespace TrainHarness.Cli.Tests.Execution;

public class WaitPolicyTests
{
    [Theory]
    [InlineData(null, null, 0.0, null)]
    [InlineData("auto", null, 0.24, null)]
    [InlineData(null, null, 0.26, true)]
    [InlineData("", null, 1.0, true)]
    [InlineData("spin", null, 1.0, false)]
    [InlineData("passive", null, 0.0, true)]
    [InlineData("passive", "GOMP_SPINCOUNT", 1.0, null)]
    [InlineData(null, "OMP_WAIT_POLICY", 1.0, null)]
    public void Threads_wait_passively_where_others_use_the_processors_unless_the_user_says_otherwise(
        string? wish,
        string? openMp,
        double others,
        bool? passive
    ) => Assert.Equal(passive, WaitPolicy.Of(wish, openMp, others).Passive);

    [Fact]
    public void Where_it_cannot_be_told_what_else_runs_nothing_is_chosen()
    {
        var policy = WaitPolicy.Of(null, null, null);
        var environment = new Dictionary<string, string?>();
        policy.Choose(environment);
        Assert.Null(policy.Passive);
        Assert.Empty(environment);
    }

    [Theory]
    [InlineData("spin", "active")]
    [InlineData("passive", "passive")]
    public void A_trial_is_started_with_the_choice(string wish, string expected)
    {
        var environment = new Dictionary<string, string?>();
        WaitPolicy.Of(wish, null, null).Choose(environment);
        Assert.Equal(expected, Assert.Single(environment, pair => pair.Key == "OMP_WAIT_POLICY").Value);
    }

    [Fact]
    public void Another_wish_is_refused() =>
        Assert.Equal(
            "TRAINHARNESS_WAIT: 'never' is not known; allowed: spin, passive, auto.",
            Assert.Throws<ConfigurationException>(() => WaitPolicy.Of("never", null, null)).Message
        );

    // proc(5): user, nice, system, idle, iowait, irq, softirq, steal; and utime and stime, the 14th and the 15th of a process.
    [Fact]
    public void What_others_use_is_what_is_neither_idle_nor_our_own()
    {
        var before = ProcessorTime.Parse(
            "cpu  100 0 50 800 50 0 0 0 0 0",
            "7 (a b) c) R 1 1 1 0 -1 0 0 0 0 0 30 10 0 0 20 0",
            processors: 2
        )!;
        var after = ProcessorTime.Parse(
            "cpu  150 0 60 840 60 5 5 30 0 0",
            "7 (a b) c) R 1 1 1 0 -1 0 0 0 0 0 50 20 0 0 20 0",
            processors: 2
        )!;
        // 150 ticks of two processors are 75 of one; 100 of them busy, 30 by this process.
        Assert.Equal(70 / 75.0, after.BusyWithOthersSince(before)!.Value, 12);
        Assert.Null(before.BusyWithOthersSince(before));
    }

    [Theory]
    [InlineData("cpu0 1 2 3 4 5 6 7 8", "7 (a) R 1 1 1 0 -1 0 0 0 0 0 30 10 0")]
    [InlineData("cpu 1 2 3 4", "7 (a) R 1 1 1 0 -1 0 0 0 0 0 30 10 0")]
    [InlineData("cpu 1 2 x 4 5 6 7 8", "7 (a) R 1 1 1 0 -1 0 0 0 0 0 30 10 0")]
    [InlineData("cpu 1 2 3 4 5 6 7 8", "7 (a) R 1 1")]
    [InlineData("", "")]
    public void Lines_of_another_form_tell_nothing(string total, string self) => Assert.Null(ProcessorTime.Parse(total, self, 2));
}
