using TorchSharp;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Optimizers;

public sealed class WeightAverageTests
{
    [Fact]
    public void The_average_follows_its_formula_and_its_decay_rises_to_the_recipes()
    {
        using var network = nn.BatchNorm1d(1);
        using var average = new WeightAverage(network, 0.3);
        // Decays min(0.3, 2/11), min(0.3, 3/12), min(0.3, 4/13); weights 1 (initial), 2, 3, 4.
        var expected = 1.0;
        foreach (var (weight, decay) in (ReadOnlySpan<(double, double)>)[(2, 2 / 11.0), (3, 0.25), (4, 0.3)])
        {
            Fill(network.weight!, weight);
            average.Update();
            expected = (decay * expected) + ((1 - decay) * weight);
        }

        average.Swap();
        Assert.Equal(expected, network.weight![0].ToDouble(), 5);
    }

    [Fact]
    public void The_second_swap_puts_weights_back_and_keeps_the_average()
    {
        using var network = nn.BatchNorm1d(1);
        using var average = new WeightAverage(network, 0.9);
        Fill(network.weight!, 5);
        average.Swap();
        Assert.Equal(1, network.weight![0].ToDouble());
        average.Swap();
        Assert.Equal(5, network.weight![0].ToDouble());
        average.Swap();
        Assert.Equal(1, network.weight![0].ToDouble());
    }

    // A tied output, as PyTorch writes it: two handles of one tensor.
    [Fact]
    public void One_tensor_under_two_names_is_exchanged_once()
    {
        var (words, output) = (nn.Embedding(3, 2), nn.Linear(2, 3, hasBias: false));
        output.weight = words.weight!;
        using var network = nn.Sequential(("words", words), ("output", output));
        Assert.Equal(["words.weight", "output.weight"], network.state_dict().Keys);
        using var average = new WeightAverage(network, 0.9);
        var before = output.weight![0, 0].ToDouble();
        Fill(output.weight!, 5);
        average.Swap();
        Assert.Equal(before, words.weight![0, 0].ToDouble());
        average.Swap();
        Assert.Equal(5, words.weight![0, 0].ToDouble());
    }

    [Fact]
    public void Running_statistics_are_averaged_and_counters_are_copied()
    {
        using var network = nn.BatchNorm1d(1);
        using var average = new WeightAverage(network, 0);
        using var batch = arange(0, 20, 10, dtype: ScalarType.Float32).view(2, 1);
        network.call(batch).Dispose();
        average.Update();
        network.call(batch).Dispose();
        average.Swap();
        // The first batch of mean 5 moved the running mean by a tenth of it; with a decay of 0 the average is that state.
        Assert.Equal(0.5, network.running_mean![0].ToDouble(), 5);
        Assert.Equal(1, network.state_dict()["num_batches_tracked"].ToInt64());
    }

    [Fact]
    public void After_a_reset_the_average_starts_from_the_present_weights()
    {
        using var network = nn.BatchNorm1d(1);
        using var average = new WeightAverage(network, 0.9);
        average.Update();
        Fill(network.weight!, 7);
        average.Reset();
        Fill(network.weight!, 18);
        average.Update();
        average.Swap();
        Assert.Equal(((2 * 7) + (9 * 18)) / 11.0, network.weight![0].ToDouble(), 5);
    }

    [Fact]
    public void All_values_at_once_end_where_one_after_the_other_ends()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var network = nn.Sequential(("conv", nn.Conv2d(3, 8, 3)), ("norm", nn.BatchNorm2d(8)));
        using var average = new WeightAverage(network, 0.2);
        List<Tensor> lives = [.. network.state_dict().Values.Where(value => value.is_floating_point())];
        List<Tensor> expected = [.. lives.Select(live => live.detach().clone())];
        for (var step = 1; step <= 20; step++)
        {
            using var noGradient = no_grad();
            var share = 1 - Math.Min(0.2, (1.0 + step) / (10.0 + step));
            foreach (var (live, old) in lives.Zip(expected))
                old.lerp_(live.normal_(), share);
            average.Update();
        }

        average.Swap();
        Assert.Equal(6, lives.Count);
        Assert.All(lives.Zip(expected), pair => Assert.True(pair.First.allclose(pair.Second, rtol: 0, atol: 1e-6)));
    }

    private static void Fill(Tensor tensor, double value)
    {
        using var withoutGradients = no_grad();
        tensor.fill_(value);
    }
}
