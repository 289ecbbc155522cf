using TrainHarness.Analysis;
using TrainHarness.Protocol;
using TrainHarness.Published;
using TrainHarness.Results;

namespace TrainHarness.Tests.Published;

public sealed class EffectiveComputeTests
{
    // arXiv:2005.04305, section 4: 25 times by algorithms and 300,000 times by hardware and spending are 7.5 million.
    [Fact]
    public void The_published_case_is_7_and_a_half_million_times_from_2012_to_2018()
    {
        var published = EffectiveCompute.Published;
        Assert.Equal(7.5e6, published.Factor, 1e-3);
        Assert.Equal(["hardware", "algorithms", "spending"], published.Parts.Select(part => part.Name));
        Assert.Equal((7, 25), (published.Parts[0].Factor, published.Parts[1].Factor));
        Assert.Equal(300_000, published.Parts[0].Factor * published.Parts[2].Factor, 1e-6);
        Assert.Equal((2012, 2018), (published.From.Year, published.To.Year));
        Assert.Null(published.Low);
        Assert.All(published.Parts, part => Assert.NotEmpty(part.Source));
    }

    [Fact]
    public void The_level_shows_the_same_parts_and_their_product_recomputed()
    {
        var rows = PublishedLedger.Level("effective-compute").Rows;
        Assert.Equal(7.5e6, rows.Single(row => row.System == "hardware x spending x algorithms").RecomputedCompute!.Value);
        Assert.Equal(24.75, rows.Single(row => row.System == "algorithms").RecomputedCompute!.Value, 2);
        Assert.All(rows.Skip(1), row => Assert.Null(row.RecomputedFactor));
    }

    [Fact]
    public void Independent_intervals_combine_by_the_root_of_the_sum_of_squares_of_their_logarithms()
    {
        var growth = new EffectiveCompute(
            "",
            new(2012, 1, 1),
            new(2013, 1, 1),
            [
                new("a", 10, 10 / Math.Exp(0.3), 10 * Math.Exp(0.6), ""),
                new("b", 2, 2 / Math.Exp(0.4), 2 * Math.Exp(0.8), ""),
                new("c", 5, null, null, ""),
            ]
        );
        Assert.Equal(100, growth.Factor, 1e-9);
        Assert.Equal(100 / Math.Exp(0.5), growth.Low!.Value, 1e-9);
        Assert.Equal(100 * Math.Exp(1), growth.High!.Value, 1e-9);
    }

    [Fact]
    public void A_study_has_its_own_algorithms_beside_hardware_of_the_same_years_and_no_spending()
    {
        var study = Samples.Study with
        {
            Seeds = [1],
            Entries = [Samples.Entry("resnet18", "sgd-smooth6")],
            Target = new Target(Samples.Top1, 0.5, FromBaseline: true),
        };
        double[] curve = [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5];
        var summary = StudySummary.Of(
            study,
            0.5,
            new Dictionary<string, IReadOnlyList<TrialResult>>
            {
                [study.Baseline.Name] = [Samples.Trial(study, study.Baseline, 1, 100, new(2012, 6, 1), null, curve)],
                [study.Entries[0].Name] = [Samples.Trial(study, study.Entries[0], 1, 20, new(2018, 6, 1), 0.5, curve)],
            }
        );
        var own = EffectiveCompute.Of(summary)!;
        Assert.Equal(["hardware", "algorithms"], own.Parts.Select(part => part.Name));
        // Six years are three doublings of two years, and a fifth of the multiply-adds.
        Assert.Equal(8, own.Parts[0].Factor, 0.01);
        Assert.Equal(5, own.Parts[1].Factor, 1e-9);
        Assert.Equal(40, own.Factor, 0.05);
        Assert.Null(EffectiveCompute.Of(summary with { Entries = [summary.Entries[0]] }));
        // A part of the data, or a network older than the baseline, is no progress of algorithms.
        var smaller = summary.Entries[1] with { Entry = "smaller", ReductionFactor = 15, IsOfItsScale = false };
        var older = summary.Entries[1] with { Entry = "older", ReductionFactor = 15, Published = new(2010, 1, 1) };
        var beside = EffectiveCompute.Of(summary with { Entries = [.. summary.Entries, smaller, older] })!;
        Assert.Equal(own.Parts, beside.Parts);
    }
}
