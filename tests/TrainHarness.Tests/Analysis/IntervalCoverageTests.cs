using MathNet.Numerics.Distributions;
using TrainHarness.Analysis;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Analysis;

public sealed class IntervalCoverageTests
{
    private const int Studies = 20_000;
    private const double TrueFactor = 11;

    // Seed to seed, costs to target spread by a few per cent (ResNet in MLPerf) to a third. A standard error of 0.15 points at 20,000
    // studies.
    [Theory]
    [InlineData(3, 0.1, 0.1)]
    [InlineData(5, 0.1, 0.1)]
    [InlineData(10, 0.1, 0.1)]
    [InlineData(3, 0.05, 0.3)]
    [InlineData(5, 0.05, 0.3)]
    [InlineData(10, 0.05, 0.3)]
    public void The_95_percent_interval_holds_the_true_factor_in_93_to_97_of_100_studies_with_lognormal_costs(
        int seeds,
        double baselineSpread,
        double entrySpread
    )
    {
        var random = Seeds.Generator(seeds, "coverage");
        var held = 0;
        for (var study = 0; study < Studies; study++)
        {
            var factor = ReductionFactor.Between(
                Costs(random, seeds, Math.Log(TrueFactor), baselineSpread),
                Costs(random, seeds, 0, entrySpread)
            )!;
            if (factor.Low <= TrueFactor && TrueFactor <= factor.High)
                held++;
        }

        Assert.InRange(held / (double)Studies, 0.93, 0.97);
    }

    private static List<CostToTarget?> Costs(Random random, int seeds, double logMean, double spread) =>
        [
            .. Enumerable
                .Range(0, seeds)
                .Select(_ => new CostToTarget(LogNormal.Sample(random, logMean, spread), Reached: true, Resolved: true)),
        ];
}
