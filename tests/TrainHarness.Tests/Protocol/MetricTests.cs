using TrainHarness.Protocol;
using TrainHarness.Protocol.Validation;

namespace TrainHarness.Tests.Protocol;

public sealed class MetricTests
{
    private const string Signature = "nrefs:1|case:lc|tok:none|smooth:exp";

    private static readonly Metric Bleu = new()
    {
        Name = "bleu",
        Better = Better.More,
        Unit = MetricUnit.Points,
        Min = 0,
        Max = 100,
        Chance = 0,
        Signature = Signature,
    };
    private static readonly Metric Elo = new()
    {
        Name = "elo",
        Better = Better.More,
        Unit = MetricUnit.Number,
    };
    private static readonly Metric WinRate = new()
    {
        Name = "winRate",
        Better = Better.More,
        Unit = MetricUnit.Percent,
        Min = 0,
        Max = 1,
        Chance = 0.5,
    };

    // Of 10,000 words, at least 1; nobody knows its largest value.
    private static readonly Metric Perplexity = new()
    {
        Name = "perplexity",
        Better = Better.Less,
        Unit = MetricUnit.Number,
        Min = 1,
        Chance = 10_000,
    };

    [Fact]
    public void A_level_of_a_falling_metric_is_reached_from_above()
    {
        Assert.True(Samples.Loss.Reaches(3.28, 3.28));
        Assert.True(Samples.Loss.Reaches(3.2, 3.28));
        Assert.False(Samples.Loss.Reaches(3.29, 3.28));
        Assert.Equal((0.5, 2.0, 1.5), (Samples.Loss.BestOf([2, 0.5]), Samples.Loss.WorstOf([2, 0.5]), Samples.Loss.Gain(2, 0.5)));
        Assert.Equal((2.0, 0.5, -1.5), (Elo.BestOf([2, 0.5]), Elo.WorstOf([2, 0.5]), Elo.Gain(2, 0.5)));
    }

    [Fact]
    public void A_run_has_left_chance_where_it_went_a_twentieth_of_the_way_to_the_best_possible_value()
    {
        // Ten classes: 10 % + 90 % / 20.
        Assert.False(Samples.Top1.HasLeftChance(0.1, 0.144));
        Assert.True(Samples.Top1.HasLeftChance(0.1, 0.146));
        // A win rate of 60 % is far above even, and was called chance while the rule was 1.5 × chance.
        Assert.True(WinRate.HasLeftChance(0.5, 0.6));
        Assert.False(WinRate.HasLeftChance(0.5, 0.52));
        // No BLEU at all passed that rule, whose chance is 0.
        Assert.False(Bleu.HasLeftChance(0, 0));
        Assert.False(Bleu.HasLeftChance(0, 4.9));
        Assert.True(Bleu.HasLeftChance(0, 5));
        // Everything is among the first five of five classes, whatever a network learned.
        Assert.False((Samples.Top5 with { Chance = 1 }).HasLeftChance(1, 1));
        // ln 10 = 2.303, less a twentieth: 2.187.
        Assert.False(Samples.Loss.HasLeftChance(2.3, 2.19));
        Assert.True(Samples.Loss.HasLeftChance(2.3, 2.18));
    }

    [Fact]
    public void Without_chance_or_a_best_possible_value_a_run_must_end_better_than_it_began()
    {
        Assert.True(Elo.HasLeftChance(-100, -50));
        Assert.False(Elo.HasLeftChance(-50, -50));
        Assert.False(Elo.HasLeftChance(-50, -100));
        var gammon = Elo with { Chance = 0 };
        Assert.False(gammon.HasLeftChance(-100, -50));
        Assert.True(gammon.HasLeftChance(-100, 1));
    }

    [Fact]
    public void A_point_is_a_hundredth_of_the_range_or_of_the_way_from_chance()
    {
        Assert.Equal((0.01, 1.0), (Samples.Top1.FlatGain, Bleu.FlatGain));
        Assert.Equal(99.99, Perplexity.FlatGain!.Value, 9);
        Assert.Null(Elo.FlatGain);
    }

    [Fact]
    public void Only_a_metric_that_rises_from_zero_has_parts() =>
        Assert.Equal(
            [true, true, false, false, false],
            new[] { Samples.Top1, Bleu, Elo, Samples.Loss, Perplexity }.Select(metric => metric.IsRatio)
        );

    [Fact]
    public void Metrics_fit_where_all_but_an_unknown_chance_is_the_same()
    {
        Assert.True(Bleu.Fits(Bleu with { Chance = null }));
        Assert.False(Bleu.Fits(Bleu with { Chance = 1 }));
        Assert.False(Bleu.Fits(Bleu with { Signature = "nrefs:1|case:lc|tok:13a|smooth:exp" }));
        Assert.False(Bleu.Fits(Bleu with { Signature = null }));
        Assert.False(Samples.Top1.Fits(Samples.Top5));
    }

    [Theory]
    [InlineData("", 0.0, 1.0, null, null, "a metric has no name")]
    [InlineData("a,b", 0.0, 1.0, null, null, "with commas")]
    [InlineData("bleu", 100.0, 0.0, null, null, "the bounds of bleu are no two rising numbers")]
    [InlineData("bleu", double.NaN, null, null, null, "the bounds of bleu are no two rising numbers")]
    [InlineData("bleu", 0.0, 100.0, 101.0, null, "chance of bleu is 101; allowed: a number from 0 to 100")]
    [InlineData("bleu", 0.0, null, -1.0, null, "chance of bleu is -1; allowed: a number of at least 0")]
    [InlineData("bleu", 0.0, 100.0, null, "a\u001b[2J", "the signature of bleu is empty, too long or has control characters")]
    public void What_no_metric_can_be_is_said(string name, double? min, double? max, double? chance, string? signature, string expected)
    {
        Assert.Null(MetricCheck.Problem(Bleu));
        var metric = new Metric
        {
            Name = name,
            Better = Better.More,
            Unit = MetricUnit.Points,
            Min = min,
            Max = max,
            Chance = chance,
            Signature = signature,
        };
        Assert.Contains(expected, MetricCheck.Problem(metric), StringComparison.Ordinal);
    }
}
