using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Published;
using TrainHarness.Results;

namespace TrainHarness.Tests.Analysis;

public sealed class TrendSummaryTests
{
    private static readonly TrendPoint[] Line =
    [
        new("a", new(2012, 1, 1), 1),
        new("b", new(2013, 1, 1), 2),
        new("c", new(2014, 1, 1), 4),
        new("d", new(2015, 1, 1), 64),
    ];

    [Fact]
    public void Theil_and_Sen_take_the_median_of_all_slopes_and_one_outlier_does_not_move_it_as_it_moves_least_squares()
    {
        // log2: 0, 1, 2, 6 in years 0 to 3. Slopes: 1, 1, 2, 1, 2.5, 4; their median is 1.5 a year, 8 months to a doubling.
        Assert.Equal(8, Trend.DoublingTimeMonths(Line, TrendMethod.TheilSen)!.Value, 1);
        // Least squares: sum of (x - 1.5)(y - 2.25) is 9.5, of (x - 1.5)² is 5: 1.9 a year.
        Assert.Equal(12 / 1.9, Trend.DoublingTimeMonths(Line)!.Value, 1);
        // End points: 6 doublings in 3 years.
        Assert.Equal(6, Trend.DoublingTimeMonths(Line, TrendMethod.EndPoints)!.Value, 1);
    }

    [Fact]
    public void Two_points_have_end_points_and_nothing_else()
    {
        Assert.Equal(12, Trend.DoublingTimeMonths(Line[..2], TrendMethod.EndPoints)!.Value, 1);
        Assert.Null(Trend.DoublingTimeMonths(Line[..2], TrendMethod.TheilSen));
    }

    [Fact]
    public void The_published_trend_says_what_one_network_decides_and_what_hangs_on_who_entered()
    {
        var trend = PublishedLedger.Level("alexnet").Trend!;
        Assert.Equal(trend.Frontier.Select(point => point.Name), trend.LeaveOneOut.Select(left => left.Name));
        // Without EfficientNet-b0 the frontier ends in 2018: least squares over (0, 4.33, 11.05, 20.6, 24.75).
        var without = trend.LeaveOneOut.Single(left => left.Name == "EfficientNet-b0").DoublingTimeMonths!.Value;
        Assert.Equal(Trend.DoublingTimeMonths([.. trend.Frontier.SkipLast(1)])!.Value, without, 9);
        // Without ShuffleNet_v1_1x the frontier is selected again: MobileNet_v2, 13.1x in January 2018, takes its place.
        var selected = Trend.Frontier(trend.Points.Where(point => point.Name != "ShuffleNet_v1_1x"));
        Assert.Contains(selected, point => point.Name == "MobileNet_v2");
        Assert.Equal(
            Trend.DoublingTimeMonths(selected)!.Value,
            trend.LeaveOneOut.Single(left => left.Name == "ShuffleNet_v1_1x").DoublingTimeMonths!.Value,
            9
        );
        var interval = trend.By(TrendMethod.LeastSquares).OverEntrants!;
        Assert.InRange(trend.By(TrendMethod.LeastSquares).DoublingTimeMonths!.Value, interval.Low, interval.High);
        // One number per network says nothing of seeds.
        Assert.Null(trend.By(TrendMethod.LeastSquares).OverSeeds);
    }

    [Fact]
    public void The_same_records_give_the_same_interval()
    {
        var (first, second) = (Drawn(0.02), Drawn(0.02));
        Assert.Equal(first.By(TrendMethod.LeastSquares), second.By(TrendMethod.LeastSquares));
    }

    [Fact]
    public void A_frontier_without_noise_has_its_own_doubling_time_and_more_noise_widens_the_interval()
    {
        // Factors 1, 2, 4, 8 a year apart: 12 months. Seeds that agree to a thousandth leave no doubt; 10 % leave some.
        var (sure, unsure) = (Drawn(0.001).By(TrendMethod.LeastSquares).OverSeeds!, Drawn(0.1).By(TrendMethod.LeastSquares).OverSeeds!);
        Assert.Equal(12, sure.Low, 0.1);
        Assert.Equal(12, sure.High, 0.1);
        Assert.True(unsure.Low < 11.7 && unsure.High > 12.3);
        Assert.Equal((2000, 0), (unsure.Resamples, unsure.WithoutTrend));
    }

    [Fact]
    public void A_network_that_is_not_on_the_frontier_can_be_on_it_in_a_resample()
    {
        // A second network of the last day, one tenth worse: with a noise of a quarter it is often the better one. The best of two draws
        // is more than one draw, so the middle of the interval moves towards faster growth.
        static double Middle(params TrendEntrant[] more)
        {
            var interval = TrendSummary.Of([.. Entrants(0.25), .. more], "a").By(TrendMethod.EndPoints).OverSeeds!;
            return Math.Sqrt(interval.Low * interval.High);
        }

        Assert.True(Middle(new TrendEntrant(new TrendPoint("e", new(2015, 1, 1), 7.2), new CostSpread(0.25, 9))) < Middle());
    }

    [Fact]
    public void A_study_with_three_seeds_has_a_trend_with_both_intervals_and_one_seed_has_none_over_seeds()
    {
        var study = Samples.Study with
        {
            Seeds = [1, 2, 3],
            Entries = [Samples.Entry("resnet18", "sgd-smooth6"), Samples.Entry("shufflenet_v2_x1_0", "sgd-smooth6")],
        };
        var summary = StudySummary.Of(study, 0.5, Records(study));
        var estimate = summary.Trend!.By(TrendMethod.LeastSquares);
        Assert.Equal((3, summary.DoublingTimeMonths), (summary.Trend.Entrants, estimate.DoublingTimeMonths));
        Assert.InRange(estimate.DoublingTimeMonths!.Value, estimate.OverSeeds!.Low, estimate.OverSeeds.High);
        var one = StudySummary.Of(study with { Seeds = [1] }, 0.5, Records(study with { Seeds = [1] }));
        Assert.Null(one.Trend!.By(TrendMethod.LeastSquares).OverSeeds);
    }

    [Fact]
    public void Moores_law_makes_11_times_of_the_seven_years_of_AlexNet_level()
    {
        // AI and Efficiency (2020): "Moore's Law would yield an 11x cost improvement over this period".
        var moore = ComparisonLine.All.Single(line => line.DoublingTimeMonths == 24);
        Assert.Equal(11, Math.Round(moore.At(new(2012, 6, 1), new(2019, 5, 28))));
        Assert.Equal([24, 18, 10, 72], ComparisonLine.All.Select(line => line.DoublingTimeMonths));
        Assert.All(ComparisonLine.All, line => Assert.Contains("held constant", line.Assumption, StringComparison.Ordinal));
    }

    private static TrendSummary Drawn(double spread) => TrendSummary.Of(Entrants(spread), "a");

    private static TrendEntrant[] Entrants(double spread) =>
        [
            .. Enumerable
                .Range(0, 4)
                .Select(year => new TrendEntrant(
                    new TrendPoint("abcd"[year].ToString(), new DateOnly(2012 + year, 1, 1), Math.Pow(2, year)),
                    new CostSpread(spread, 9)
                )),
        ];

    private static Dictionary<string, IReadOnlyList<TrialResult>> Records(Study study)
    {
        (long Macs, DateOnly Published, int Delay)[] networks =
        [
            (100, new(2012, 6, 1), 8),
            (60, new(2015, 12, 10), 7),
            (10, new(2018, 7, 30), 6),
        ];
        return study
            .AllEntries.Zip(networks)
            .ToDictionary(
                pair => pair.First.Name,
                pair =>
                    (IReadOnlyList<TrialResult>)
                        [
                            .. study.Seeds.Select(seed =>
                                Samples.Trial(
                                    study,
                                    pair.First,
                                    seed,
                                    pair.Second.Macs,
                                    pair.Second.Published,
                                    pair.First == study.Baseline ? null : 0.5,
                                    Curve(pair.Second.Delay + seed)
                                )
                            ),
                        ]
            );
    }

    /// <summary>Crosses 0.5 at evaluation <paramref name="crossing"/> of 12.</summary>
    private static double[] Curve(int crossing) =>
        [.. Enumerable.Range(1, 12).Select(number => number < crossing ? 0.1 + (0.03 * number) : 0.5)];
}
