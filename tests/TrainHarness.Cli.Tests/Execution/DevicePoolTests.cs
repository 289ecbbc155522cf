using TrainHarness.Cli.Execution;

namespace TrainHarness.Cli.Tests.Execution;

public sealed class DevicePoolTests
{
    [Fact]
    public async Task A_device_is_given_to_one_trial_at_a_time_and_waited_for()
    {
        var pool = new DevicePool(["cuda:0"], _ => Task.FromResult(true));
        var device = await Take(pool);
        var waiting = Take(pool);
        Assert.False(waiting.IsCompleted);
        Assert.False(await pool.IsLost(device!));
        pool.GiveBack(device!);
        Assert.Equal("cuda:0", await waiting);
    }

    [Fact]
    public async Task A_GPU_that_no_longer_answers_is_given_to_nobody_any_more_in_none_of_its_places()
    {
        var pool = new DevicePool(["cuda:0", "cuda:1", "cuda:0", "cuda:1"], device => Task.FromResult(device == "cuda:1"));
        Assert.Equal("cuda:0", await Take(pool));
        Assert.True(await pool.IsLost("cuda:0"));
        pool.GiveBack("cuda:0");
        Assert.Equal(["cuda:1", "cuda:1"], [await Take(pool), await Take(pool)]);
        var waiting = Take(pool);
        Assert.False(waiting.IsCompleted);
        pool.GiveBack("cuda:1");
        Assert.Equal("cuda:1", await waiting);
    }

    [Fact]
    public async Task Where_no_device_is_left_nobody_waits_for_one()
    {
        var pool = new DevicePool(["cuda:0", "cuda:0"], _ => Task.FromResult(false));
        var (first, second) = (await Take(pool), await Take(pool));
        var waiting = Take(pool);
        Assert.True(await pool.IsLost(first!));
        pool.GiveBack(first!);
        Assert.False(waiting.IsCompleted);
        pool.GiveBack(second!);
        Assert.Null(await waiting);
        Assert.Null(await Take(pool));
    }

    [Fact]
    public async Task A_processor_is_not_asked() =>
        Assert.False(await new DevicePool(["cpu"], _ => throw new InvalidOperationException()).IsLost("cpu"));

    private static Task<string?> Take(DevicePool pool) => pool.Take(TestContext.Current.CancellationToken);
}
