using TrainHarness.Analysis;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Analysis;

public sealed class AblationTests
{
    private const string Baseline = "old.old";

    private static readonly string[] Changes = ["left", "right", "other"];

    // The glove game: a left glove and one of two right ones make a pair. Shapley values 2/3, 1/6, 1/6 (Shapley 1953; any textbook).
    [Fact]
    public void The_glove_game_has_its_known_Shapley_values()
    {
        var ablation = Of(Changes, bits => (bits & 1) != 0 && (bits & 6) != 0 ? 1 : 0);
        Assert.True(ablation.IsComplete);
        Assert.Equal((6, 6), (ablation.Orders, ablation.AllOrders));
        Assert.Equal([2 / 3.0, 1 / 6.0, 1 / 6.0], ablation.Shares.Select(share => Math.Log(share.Share.Factor)), Close);
        Assert.Equal([2 / 3.0, 1 / 6.0, 1 / 6.0], ablation.Shares.Select(share => share.PartOfWhole!.Value), Close);
        // Depending on the order a glove gives a whole pair or nothing.
        Assert.All(ablation.Shares, share => Assert.Equal((0, 1), (Math.Log(share.Min), Math.Log(share.Max))));
    }

    // Alone 10, 20 and 30; 40, 60 and 70 for two; 120 for all. By hand over the six orders 170, 230 and 320, each divided by six.
    [Fact]
    public void A_game_worked_by_hand_has_its_shares_and_its_interactions()
    {
        double[] value = [0, 10, 20, 40, 30, 60, 70, 120];
        var ablation = Of(Changes, bits => value[bits] / 50);
        double[] shares =
        [
            (10 + 10 + 20 + 50 + 30 + 50) / 300.0,
            (30 + 60 + 20 + 20 + 60 + 40) / 300.0,
            (80 + 50 + 80 + 50 + 30 + 30) / 300.0,
        ];
        Assert.Equal(shares, ablation.Shares.Select(share => Math.Log(share.Share.Factor)), Close);
        Assert.Equal(2.4, Math.Log(ablation.Whole!.Factor), 12);
        // left and right: (40 − 10 − 20 + 0) and, beside other, (120 − 60 − 70 + 30), in the mean 15.
        var interaction = ablation.Interactions.Single(pair => pair is { First: "left", Second: "right" });
        Assert.Equal((2, 15 / 50.0), (interaction.Squares, Math.Round(Math.Log(interaction.Factor.Factor), 12)));
        // 10 + 20 + 30.
        Assert.Equal(60 / 50.0, Math.Log(ablation.Singles!.Value), 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Shares_multiply_to_the_whole_factor_however_much_was_measured(int seed)
    {
        var random = new Random(seed);
        string[] names = ["a", "b", "c", "d", "e"];
        var value = Enumerable.Range(0, 32).Select(_ => random.NextDouble() * 3).ToArray();
        // One order is always there; of the other combinations about half.
        int[] order = [0, 1, 3, 7, 15, 31];
        var ablation = Of(names, bits => value[bits], noise: 0.1, measured: bits => order.Contains(bits) || value[bits] > 1.5);
        var whole = ablation.Whole!.Factor;
        Assert.Equal(whole, ablation.Shares.Aggregate(1.0, (product, share) => product * share.Share.Factor), whole * 1e-9);
        Assert.Equal(whole, ablation.Parts.Aggregate(1.0, (product, part) => product * part.Share.Factor), whole * 1e-9);
        Assert.Equal(1, ablation.Shares.Sum(share => share.PartOfWhole!.Value), 1e-9);
        Assert.InRange(ablation.Orders, 1, 120);
    }

    [Fact]
    public void Of_one_order_the_shares_are_its_steps()
    {
        double[] value = [0, 0.5, double.NaN, 1.5, double.NaN, double.NaN, double.NaN, 3.5];
        var ablation = Of(Changes, bits => value[bits], measured: bits => !double.IsNaN(value[bits]));
        Assert.Equal((1, 6), (ablation.Orders, ablation.AllOrders));
        Assert.False(ablation.IsComplete);
        Assert.Equal([0.5, 1, 2], ablation.Shares.Select(share => Math.Log(share.Share.Factor)), Close);
        Assert.Empty(ablation.Interactions);
        Assert.Null(ablation.Singles);
    }

    [Fact]
    public void One_change_has_the_factor_and_the_interval_of_its_entry()
    {
        var costs = new Dictionary<string, IReadOnlyList<CostToTarget?>> { [Baseline] = Costs(12, 10, 11), ["e1"] = Costs(4, 5, 7) };
        var rule = new AblationRule([new("all", AblationPart.Recipe)], [new("e1", ["all"])]);
        var factor = ReductionFactor.Between(costs[Baseline], costs["e1"])!;
        var share = Assert.Single(AblationSummary.Of(rule, Baseline, costs).Shares);
        Assert.Equal(
            [factor.Factor, factor.Low!.Value, factor.High!.Value],
            [share.Share.Factor, share.Share.Low!.Value, share.Share.High!.Value],
            Close
        );
    }

    // With four combinations of spread s² / n = t, each weighs ½: the variance is t, by Satterthwaite with 4 · (n − 1) degrees of freedom.
    [Fact]
    public void The_interval_of_a_share_is_Welchs_over_all_combinations_that_it_is_made_of()
    {
        var ablation = Of(["a", "b"], bits => int.PopCount(bits), noise: 0.1);
        // Three seeds at −0.1, 0 and 0.1 around each mean: s² = 0.01. t of 8 degrees of freedom at 97.5 % is 2.306.
        var margin = 2.306004 * Math.Sqrt(0.01 / 3);
        Assert.Equal(1 + margin, Math.Log(ablation.Shares[0].Share.High!.Value), 1e-6);
        Assert.Equal(1 - margin, Math.Log(ablation.Shares[0].Share.Low!.Value), 1e-6);
    }

    [Fact]
    public void An_entry_that_missed_is_left_out_with_the_orders_over_it_and_the_rest_still_adds_up()
    {
        var ablation = Of(Changes, bits => int.PopCount(bits), missed: 2);
        Assert.Equal(["e2"], ablation.LeftOut);
        // "right" first is not possible any more: four of six orders are left.
        Assert.Equal(4, ablation.Orders);
        Assert.Equal(3, ablation.Shares.Sum(share => Math.Log(share.Share.Factor)), 1e-9);
        var without = Of(Changes, bits => int.PopCount(bits), missed: 7);
        Assert.Empty(without.Shares);
        Assert.Equal((0, null), (without.Orders, without.Whole));
    }

    [Fact]
    public void Parts_add_up_the_changes_that_belong_to_them()
    {
        // left is of the architecture, the others are of the recipe.
        var ablation = Of(Changes, bits => ((bits & 1) * 2) + (bits & 2) + (bits & 4));
        Assert.Equal([AblationPart.Architecture, AblationPart.Recipe], ablation.Parts.Select(part => part.Part));
        Assert.Equal([2, 6], ablation.Parts.Select(part => Math.Log(part.Share.Factor)), Close);
        Assert.Equal([0.25, 0.75], ablation.Parts.Select(part => part.PartOfWhole!.Value), Close);
    }

    [Fact]
    public void What_is_made_of_a_combination_that_is_not_resolved_is_not_resolved_either()
    {
        var ablation = Of(Changes, bits => int.PopCount(bits), unresolved: 2);
        Assert.True(ablation.Whole!.Resolved);
        Assert.All(ablation.Shares, share => Assert.False(share.Share.Resolved));
        Assert.All(ablation.Interactions, pair => Assert.False(pair.Factor.Resolved));
        Assert.All(Of(Changes, bits => int.PopCount(bits)).Shares, share => Assert.True(share.Share.Resolved));
        Assert.False(Of(Changes, bits => int.PopCount(bits), unresolved: 7).Whole!.Resolved);
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;

    private static CostToTarget?[] Costs(params double[] costs) =>
        [.. costs.Select(cost => new CostToTarget(cost, Reached: true, Resolved: true))];

    /// <param name="value">What a combination saves, as a logarithm.</param>
    private static AblationSummary Of(
        string[] names,
        Func<int, double> value,
        double noise = 0,
        Func<int, bool>? measured = null,
        int? missed = null,
        int? unresolved = null
    )
    {
        var combinations = Enumerable.Range(1, (1 << names.Length) - 1).Where(bits => measured?.Invoke(bits) ?? true).ToList();
        var rule = new AblationRule(
            [.. names.Select((name, index) => new AblationChange(name, index == 0 ? AblationPart.Architecture : AblationPart.Recipe))],
            [.. combinations.Select(bits => new AblationStep($"e{bits}", [.. names.Where((_, index) => (bits & (1 << index)) != 0)]))]
        );
        double[] seeds = noise == 0 ? [0] : [-noise, 0, noise];
        var costs = combinations
            .Prepend(0)
            .ToDictionary(
                bits => bits == 0 ? Baseline : $"e{bits}",
                bits =>
                    (IReadOnlyList<CostToTarget?>)
                        [
                            .. seeds.Select(offset => new CostToTarget(
                                Math.Exp(offset - value(bits)),
                                Reached: bits != missed,
                                Resolved: bits != unresolved
                            )),
                        ]
            );
        return AblationSummary.Of(rule, Baseline, costs);
    }
}
