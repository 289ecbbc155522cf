using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Tests.Engine;

public sealed class EpochOrderTests
{
    [Fact]
    public void Every_epoch_visits_every_example_once_in_an_order_of_its_own()
    {
        var order = new EpochOrder(seed: 3, examples: 70, batchSize: 16);
        Assert.Equal(5, order.StepsPerEpoch);
        Assert.Equal([16, 6], order.BatchSizes);
        var epochs = Enumerable.Range(0, 2).Select(epoch => Epoch(order, epoch)).ToList();
        Assert.All(epochs, epoch => Assert.Equal(Enumerable.Range(0, 70), epoch.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
    }

    [Fact]
    public void The_order_depends_on_the_seed_and_the_step_alone()
    {
        var walked = new EpochOrder(seed: 3, examples: 70, batchSize: 16);
        for (var step = 0; step < 12; step++)
            walked.Batch(step);
        Assert.Equal(walked.Batch(7).ToArray(), new EpochOrder(seed: 3, examples: 70, batchSize: 16).Batch(7).ToArray());
        Assert.NotEqual(walked.Batch(7).ToArray(), new EpochOrder(seed: 4, examples: 70, batchSize: 16).Batch(7).ToArray());
    }

    [Fact]
    public void Batches_from_a_step_are_those_of_the_steps_across_epochs()
    {
        var order = new EpochOrder(seed: 3, examples: 70, batchSize: 16);
        var expected = Enumerable.Range(3, 6).Select(step => order.Batch(step).ToArray()).ToList();
        Assert.Equal(expected, new EpochOrder(seed: 3, examples: 70, batchSize: 16).Batches(3, 9));
    }

    [Fact]
    public void A_last_batch_of_one_is_left_out()
    {
        var order = new EpochOrder(seed: 1, examples: 33, batchSize: 16);
        Assert.Equal(2, order.StepsPerEpoch);
        Assert.Equal([16], order.BatchSizes);
    }

    [Fact]
    public void A_batch_larger_than_the_dataset_is_the_dataset()
    {
        var order = new EpochOrder(seed: 1, examples: 5, batchSize: 16);
        Assert.Equal((1, 5), (order.StepsPerEpoch, order.Batch(0).Length));
    }

    private static List<int> Epoch(EpochOrder order, int epoch) =>
        [.. Enumerable.Range(epoch * order.StepsPerEpoch, order.StepsPerEpoch).SelectMany(step => order.Batch(step).ToArray())];
}
