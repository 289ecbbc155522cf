using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.SelfPlay;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay;

/// <summary>
/// The 8× between AlphaGo Zero and AlphaZero, counted again from what their papers say of games, simulations and networks.
/// </summary>
public sealed class PublishedFactorOfAlphaZeroTests
{
    // Of AlphaZero's 700 thousand steps so many had passed when it reached AlphaGo Zero's level.
    private const double StepsToLevel = 390.0 / 700;

    [Theory]
    [InlineData(19, 8.106e9)]
    [InlineData(39, 1.662e10)]
    public void An_evaluation_of_the_papers_network_costs(int blocks, double macs) => Assert.Equal(1, Evaluation(blocks) / macs, 3);

    [Fact]
    public void The_factor_is_0_84_or_1_5_or_10_2_by_which_runs_are_paired()
    {
        var (small, large) = (Evaluation(19), Evaluation(39));
        // Games, simulations for each move, one evaluation; all games as long as each other.
        var (threeDays, fortyDays) = (4.9e6 * 1600 * small, 29e6 * 1600 * large);
        var (of2017, of2018) = (21e6 * 800 * small * StepsToLevel, 140e6 * 800 * small * StepsToLevel);
        Assert.Equal(0.84, Math.Round(threeDays / of2017, 2));
        Assert.Equal(1.5, Math.Round(fortyDays / of2018, 1));
        Assert.Equal(10.2, Math.Round(fortyDays / of2017, 1));
    }

    private static double Evaluation(int blocks)
    {
        using var scope = NewDisposeScope();
        // Seventeen planes of 19×19, and a pass beside the 361 cells.
        using var network = new DualNetwork(new BoardNetworkOptions(Planes: 17, Rows: 19, Columns: 19, Moves: 362), blocks, filters: 256);
        network.eval();
        var none = zeros(0, 17, 19, 19);
        return (double)NetworkPricer.PriceFromNone(network, 1, () => network.call(none)).Forward.Count;
    }
}
