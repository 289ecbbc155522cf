using TrainHarness.Analysis;

namespace TrainHarness.Tests.Analysis;

public sealed class ScaleFitTests
{
    // Planted: error = 0.05 + 0.3 (gain · compute / 1e15)^−0.5 + 0.25 (gain · examples / 1e4)^−0.35; the new family's compute counts
    // three times, its data twice.
    private const double Irreducible = 0.05;
    private const double ComputeExponent = 0.5;
    private const double DataExponent = 0.35;
    private const double ComputeGain = 3;
    private const double DataGain = 2;

    [Fact]
    public void Without_noise_the_planted_numbers_come_back_to_four_digits()
    {
        var fit = ScaleFit.Of(Planted(["old", "new"], noise: 0, seed: 1), resamples: 10)!;
        Assert.Equal(Irreducible, fit.Irreducible.Value, 1e-4);
        Assert.Equal(ComputeExponent, fit.ComputeExponent.Value, 1e-4);
        Assert.Equal(DataExponent, fit.DataExponent!.Value, 1e-4);
        var progress = Assert.Single(fit.Progress);
        Assert.Equal("new", progress.Family);
        Assert.Equal(ComputeGain, progress.Compute.Value, 1e-3);
        Assert.Equal(DataGain, progress.Data!.Value, 1e-3);
        Assert.Equal(0, fit.ResidualDeviation, 1e-6);
        // Three times the compute and twice the data of the old family have the new one's error; far outside too.
        Assert.Equal(fit.At("new", 1e18, 1e6), fit.At("old", ComputeGain * 1e18, DataGain * 1e6), 1e-6);
        Assert.Equal(Irreducible + (0.3 * Math.Pow(1e3, -0.5)) + (0.25 * Math.Pow(1e2, -0.35)), fit.At("old", 1e18, 1e6), 1e-4);
    }

    // 40 studies of 60 points with 2 % of noise: of their 95 % intervals for the four planted numbers about 152 of 160 hold them; below
    // 136 would be under 85 %.
    [Fact]
    public void The_intervals_hold_the_planted_numbers_about_95_times_in_100()
    {
        var held = 0;
        for (var seed = 1; seed <= 40; seed++)
        {
            var fit = ScaleFit.Of(Planted(["old", "new"], noise: 0.02, seed), resamples: 100)!;
            held +=
                Holds(fit.ComputeExponent, ComputeExponent)
                + Holds(fit.DataExponent!, DataExponent)
                + Holds(fit.Progress[0].Compute, ComputeGain)
                + Holds(fit.Progress[0].Data!, DataGain);
        }

        Assert.InRange(held, 136, 160);
    }

    [Fact]
    public void The_same_trials_give_the_same_intervals()
    {
        var points = Planted(["old"], noise: 0.02, seed: 7);
        Assert.Equal(ScaleFit.Of(points, 50)!.ComputeExponent, ScaleFit.Of(points, 50)!.ComputeExponent);
    }

    [Fact]
    public void With_one_size_of_data_its_term_is_in_the_irreducible_part_and_has_no_exponent()
    {
        var points = Planted(["old", "new"], noise: 0, seed: 1)
            .Where(point => point.Examples == 1e4)
            .Select(point => point with { Error = 0.1 + (0.3 * Math.Pow(point.Compute / 1e15, -0.5)) })
            .ToList();
        var fit = ScaleFit.Of(points, resamples: 10)!;
        Assert.Equal(0.1, fit.Irreducible.Value, 1e-4);
        Assert.Equal(0.5, fit.ComputeExponent.Value, 1e-3);
        Assert.Null(fit.DataExponent);
        Assert.Null(fit.Progress[0].Data);
        Assert.Equal(1, fit.Progress[0].Compute.Value, 1e-3);
    }

    [Fact]
    public void Too_few_trials_one_size_and_no_error_are_refused_in_words()
    {
        var points = Planted(["old"], noise: 0, seed: 1);
        Assert.Null(ScaleFit.WhyNot(points));
        Assert.Equal("5 trials are too few; 8 are needed", ScaleFit.WhyNot([.. points.DistinctBy(point => point.Examples)]));
        Assert.Equal("compute did not vary enough", ScaleFit.WhyNot([.. points.Select(point => point with { Compute = 1e15 })]));
        Assert.Equal(
            "old/x has no error, compute or data that is above zero",
            ScaleFit.WhyNot([points[0] with { Trial = "old/x", Error = 0 }, .. points])
        );
    }

    private static int Holds(ScaleEstimate estimate, double planted) => estimate.Low <= planted && planted <= estimate.High ? 1 : 0;

    /// <summary>Five parts of the data × three sizes of network × two seeds for each family.</summary>
    internal static List<ScalePoint> Planted(string[] families, double noise, int seed)
    {
        var random = new Random(seed);
        var points = new List<ScalePoint>();
        foreach (var family in families)
        {
            foreach (var examples in (double[])[1e4 / 16, 1e4 / 4, 1e4, 4e4, 16e4])
            {
                foreach (var size in (double[])[0.02, 0.2, 2])
                {
                    for (var trial = 0; trial < 2; trial++)
                    {
                        var compute = 1e11 * examples * size;
                        var isNew = family == "new";
                        var error =
                            Irreducible
                            + (0.3 * Math.Pow((isNew ? ComputeGain : 1) * compute / 1e15, -ComputeExponent))
                            + (0.25 * Math.Pow((isNew ? DataGain : 1) * examples / 1e4, -DataExponent));
                        // Two uniform numbers make a normal one (Box & Muller 1958).
                        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                        points.Add(new ScalePoint(family, $"{family}/{points.Count}", compute, examples, error * Math.Exp(noise * normal)));
                    }
                }
            }
        }

        return points;
    }
}
