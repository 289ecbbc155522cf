using System.Globalization;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Published;

namespace TrainHarness.Tests.Published;

public sealed class PublishedLedgerTests
{
    // The numbers of Table 3 of arXiv:2005.04305, printed there under "teraflop/s-days".
    [Theory]
    [InlineData("AlexNet", 266.1)]
    [InlineData("VGG-11", 367.7)]
    [InlineData("GoogLeNet", 61.4)]
    [InlineData("ResNet-18", 97.9)]
    [InlineData("ResNet-34", 118.5)]
    [InlineData("ResNet-50", 118.6)]
    [InlineData("SqueezeNet_v1_1", 73.1)]
    [InlineData("Wide_ResNet_50", 308.0)]
    [InlineData("DenseNet121", 82.9)]
    [InlineData("ResNext_50", 115.3)]
    [InlineData("MobileNet_v1", 24.0)]
    [InlineData("ShuffleNet_v1_1x", 12.9)]
    [InlineData("MobileNet_v2", 20.2)]
    [InlineData("ShuffleNet_v2_1x", 10.8)]
    [InlineData("ShuffleNet_v2_1_5x", 15.4)]
    [InlineData("EfficientNet-b0", 6.0)]
    public void Table_3_is_petaflop_of_three_passes_at_one_operation_a_multiply_add(string system, double table3)
    {
        var row = Row("alexnet", system);
        var petaflop = row.RecomputedCompute!.Value * 86.4;
        // Epochs are whole; multiply-adds are rounded to 0.01 G, the table to 0.1.
        Assert.Equal(table3, petaflop, 0.05 + (petaflop * 0.005 / row.GigaMultiplyAdds!.Value));
        Assert.Contains(row.Flags, flag => flag.Contains("petaFLOP", StringComparison.Ordinal));
    }

    [Fact]
    public void All_sixteen_networks_are_there_and_EfficientNet_needs_44_times_less_than_AlexNet()
    {
        var level = PublishedLedger.Level("alexnet");
        Assert.Equal(16, level.Rows.Count);
        Assert.Equal(1, level.Rows[0].RecomputedFactor);
        // (90 · 0.77) / (4 · 0.39)
        Assert.Equal(44.42, Row("alexnet", "EfficientNet-b0").RecomputedFactor!.Value, 2);
        foreach (
            var (system, printed) in ((string, double)[])
                [("GoogLeNet", 4.3), ("MobileNet_v1", 11), ("ShuffleNet_v1_1x", 21), ("ShuffleNet_v2_1x", 25), ("EfficientNet-b0", 44)]
        )
            AssertPrinted(Row("alexnet", system), printed);
    }

    [Fact]
    public void The_published_compute_is_that_of_efficiency_sota_csv()
    {
        foreach (
            var (system, printed) in ((string, double)[])
                [
                    ("AlexNet", 3.1),
                    ("GoogLeNet", 0.71),
                    ("MobileNet_v1", 0.28),
                    ("ShuffleNet_v1_1x", 0.15),
                    ("ShuffleNet_v2_1x", 0.12),
                    ("EfficientNet-b0", 0.069),
                ]
        )
        {
            Assert.Equal(printed, Row("alexnet", system).Compute);
            Assert.Equal(
                printed,
                Row("alexnet", system).RecomputedCompute!.Value,
                printed < 0.1 ? 3
                    : printed < 1 ? 2
                    : 1
            );
        }
    }

    [Fact]
    public void AlexNet_level_doubles_every_15_point_8_months_over_six_networks_of_sixteen()
    {
        var level = PublishedLedger.Level("alexnet");
        Assert.Equal(15.8, level.DoublingTimeMonths!.Value, 1);
        Assert.Equal(
            ["AlexNet", "GoogLeNet", "MobileNet_v1", "ShuffleNet_v1_1x", "ShuffleNet_v2_1x", "EfficientNet-b0"],
            level.Trend!.Frontier.Select(point => point.Name)
        );
        Assert.Equal(16, level.Trend.Entrants);
        // 83.9 months from 2012-06-01 to 2019-05-28, log2(44.42) = 5.473 doublings.
        Assert.Equal(15.3, level.Trend.By(TrendMethod.EndPoints).DoublingTimeMonths!.Value, 1);
    }

    // Table 1 of arXiv:2005.04305: epochs × FLOPs of an epoch.
    [Theory]
    [InlineData("GoogLeNet", 11, 0.38)]
    [InlineData("MobileNet_v1", 8.2, 1.35)]
    [InlineData("ShuffleNet_v1_1x", 3.8, 5.5)]
    [InlineData("ShuffleNet_v2_1x", 4.5, 5.5)]
    [InlineData("EfficientNet-b0", 22, 2.0)]
    public void A_published_factor_splits_into_epochs_and_multiply_adds_as_in_Table_1(string system, double epochs, double perExample)
    {
        var row = Row("alexnet", system);
        Assert.Equal(epochs, row.EpochsFactor!.Value, epochs < 10 ? 0.06 : 0.6);
        Assert.Equal(perExample, row.PerExampleFactor!.Value, 0.06);
        Assert.Equal(row.RecomputedFactor!.Value, row.EpochsFactor.Value * row.PerExampleFactor.Value, 9);
    }

    [Theory]
    [InlineData("seq2seq", 61)]
    [InlineData("gnmt", 9)]
    [InlineData("alphago-zero", 8)]
    [InlineData("openai-five", 5)]
    [InlineData("inference-alexnet", 18)]
    [InlineData("inference-resnet50", 10)]
    public void The_second_row_of_a_level_gives_the_printed_factor_from_its_raw_inputs(string level, double printed)
    {
        var rows = PublishedLedger.Level(level).Rows;
        Assert.Equal((2, 1.0), (rows.Count, rows[0].RecomputedFactor!.Value));
        AssertPrinted(rows[1], printed);
    }

    // Worked by hand from Appendix A: 4.0e19 / (0.20 · 3.3e18), 1.4e20 / (0.68 · 2.3e19), 1862 / (420 · 390 / 700), 770 / 150.
    [Theory]
    [InlineData("seq2seq", 60.61)]
    [InlineData("gnmt", 8.95)]
    [InlineData("alphago-zero", 7.96)]
    [InlineData("openai-five", 5.13)]
    public void A_recomputed_factor_keeps_the_digits_that_were_not_printed(string level, double factor) =>
        Assert.Equal(factor, PublishedLedger.Level(level).Rows[1].RecomputedFactor!.Value, 2);

    [Fact]
    public void The_compute_of_the_fifteen_systems_doubles_every_3_point_44_months_and_no_factor_stands_between_tasks()
    {
        var level = PublishedLedger.Level("ai-and-compute");
        Assert.Equal(15, level.Rows.Count);
        Assert.Equal(3.437, level.DoublingTimeMonths!.Value, 3);
        Assert.Equal(1, level.Rows[0].RecomputedFactor);
        Assert.All(level.Rows.Skip(1), row => Assert.Null(row.RecomputedFactor));
        Assert.All(level.Rows.Skip(1), row => Assert.NotEmpty(row.Flags));
        Assert.Equal(321_600, Row("ai-and-compute", "AlphaGo Zero").Growth!.Value, 100.0);
        Assert.Contains(level.Notes, note => note.StartsWith("Printed: a doubling every 3.43 months", StringComparison.Ordinal));
    }

    [Fact]
    public void Training_cost_fell_184_and_then_313_times_and_dollars_of_another_source_are_not_divided()
    {
        // 2323 / 12.60 and 2323 / 7.43
        Assert.Equal(184.4, Row("training-cost", "ResNet50 Cloud TPU").RecomputedFactor!.Value, 1);
        AssertPrinted(Row("training-cost", "ResNet50 Cloud TPU"), 184);
        Assert.Equal(312.7, Row("training-cost", "ResNet50 Alibaba").RecomputedFactor!.Value, 1);
        Assert.Null(Row("training-cost", "ResNet-50 public cloud 2019").RecomputedFactor);
        Assert.Contains(Row("training-cost", "ResNet50 Cloud TPU").Flags, flag =>
            flag.Contains("September 2017", StringComparison.Ordinal)
        );
    }

    // Nine years are 108 months; log2(16500) = 14.01 doublings.
    [Fact]
    public void Sixteen_thousand_times_in_nine_years_is_a_doubling_every_7_point_7_months_and_not_every_9()
    {
        var level = PublishedLedger.Level("imagenet-regression");
        Assert.Equal(7.71, level.DoublingTimeMonths!.Value, 2);
        Assert.Equal(16_500, level.Rows[1].RecomputedFactor);
        Assert.Contains("Printed: a doubling every 9 months; recomputed it is 7.71.", level.Notes);
        Assert.InRange(level.DoublingTimeMonths.Value, 3.55, 25.4);
    }

    // 322.7 h · $7.20; 1.084e-5 · 1e9; 3.12e-7 · 1e9; 16 · 4.5 · 96; 256 · 0.3 · 336; 3.14e23 / 28e12 / 3600 · 1.5.
    [Theory]
    [InlineData("ResNet152 4xM60", 2323, 2323.44)]
    [InlineData("1e9 images classified 2017", 10000, 10840)]
    [InlineData("1e9 images classified 2019", 0.03, 312)]
    [InlineData("BERT-large", 6912, 6912)]
    [InlineData("Grover-Mega", 25000, 25804.8)]
    [InlineData("GPT-3 175B", 4.6e6, 4672619)]
    public void A_cost_is_recomputed_from_its_hours_and_prices(string system, double printed, double recomputed)
    {
        var row = Row("training-cost", system);
        Assert.Equal(printed, row.Compute);
        Assert.Equal(recomputed, row.RecomputedCompute!.Value, recomputed * 1e-6);
    }

    [Fact]
    public void A_cost_that_cannot_be_recomputed_says_why_and_one_that_does_not_agree_is_flagged()
    {
        foreach (
            var (system, flag) in ((string, string)[])
                [
                    ("ResNet-50 public cloud 2017", "no inputs are printed; the cheapest entry of DAWNBench that year is $1,113"),
                    ("ResNet-50 public cloud 2020", "a forecast"),
                    ("1e9 images classified 2019", "unreconciled"),
                    ("GPT-3 175B", "$12 million"),
                ]
        )
            Assert.Contains(Row("training-cost", system).Flags, text => text.Contains(flag, StringComparison.Ordinal));
        Assert.All(PublishedLedger.Level("training-cost").Rows.Where(row => row.RecomputedCompute is null && row.Hours is null), row =>
            Assert.NotEmpty(row.Flags)
        );
    }

    [Fact]
    public void Rows_of_two_conventions_are_flagged_and_never_divided()
    {
        var row = Row("resnet50", "EfficientNet-b1");
        Assert.Equal((0.75, 10.0), (row.Compute!.Value, row.ReductionFactor!.Value));
        Assert.Null(row.RecomputedFactor);
        Assert.Contains(row.Flags, flag => flag.EndsWith("not divided", StringComparison.Ordinal));
        Assert.Null(PublishedLedger.Level("resnet50").DoublingTimeMonths);
    }

    // Worked by hand: 652e6 · 0.38e9 · 6 · 7.5 = 1.115e19 operations are 0.129 petaflop/s-days; 0.085 is printed.
    [Theory]
    [InlineData("ai-and-compute", "Seq2Seq", "multiply to 0.129, printed as 0.085")]
    [InlineData("ai-and-compute", "AlexNet", "multiply to 0.00562, printed as 0.0054")]
    [InlineData("ai-and-compute", "DeepSpeech2", "method 1 prints 0.3, the chart has 0.24")]
    [InlineData("resnet50", "ResNet-50", "1/10/2015")]
    [InlineData("gnmt", "GNMT", "1/26/2016")]
    [InlineData("seq2seq", "Transformer (base)", "58x")]
    [InlineData("alexnet", "AlexNet", "30x of the 44x")]
    [InlineData("alexnet", "GoogLeNet", "5.8x of the 4.3x")]
    [InlineData("alexnet", "EfficientNet-b0", "51x to 39x")]
    public void A_known_contradiction_is_flagged_on_its_row(string level, string system, string flag) =>
        Assert.Contains(Row(level, system).Flags, text => text.Contains(flag, StringComparison.Ordinal));

    // The printed months hold a rounded period: one year for what is 47 days and eight and a half months apart.
    [Theory]
    [InlineData("gnmt", "Printed: a doubling every 4 months; recomputed it is 2.69.")]
    [InlineData("alphago-zero", "Printed: a doubling every 4 months; recomputed it is 0.516.")]
    [InlineData("resnet50", "Printed: a doubling every 17 months; it cannot be recomputed.")]
    public void A_doubling_time_that_contradicts_the_printed_one_is_noted(string level, string note) =>
        Assert.Contains(note, PublishedLedger.Level(level).Notes);

    [Theory]
    [InlineData("seq2seq", 6)]
    [InlineData("inference-alexnet", 15)]
    [InlineData("inference-resnet50", 13)]
    [InlineData("alexnet", 16)]
    public void A_doubling_time_that_agrees_with_the_printed_one_rounds_to_it(string level, double months)
    {
        Assert.Equal(months, Math.Round(PublishedLedger.Level(level).DoublingTimeMonths!.Value));
        Assert.Equal(months, PublishedLedger.Level(level).PrintedDoublingTimeMonths);
    }

    [Fact]
    public void Every_row_has_a_source_a_convention_and_a_date_of_its_decade() =>
        Assert.All(PublishedLedger.Levels, level => Assert.All(level.Rows, row =>
            {
                Assert.NotEmpty(row.Source);
                Assert.Equal(row.Convention, StatedConvention.Parse(row.Convention.ToString()));
                Assert.InRange(row.Published, new DateOnly(2012, 1, 1), new DateOnly(2021, 1, 1));
            }));

    [Fact]
    public void An_unknown_level_is_refused_with_those_that_there_are() =>
        Assert.StartsWith(
            "--level: unknown level 'vgg'; allowed: alexnet, resnet50,",
            Assert.Throws<ConfigurationException>(() => PublishedLedger.Level("vgg")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Two_GTX_580_for_five_and_a_half_days_are_the_0_0058_petaflop_days_of_AlexNet()
    {
        var peak = DevicePeaks.Find("GeForce GTX 580", Precision.Fp32)!.Value;
        var estimate = new DeviceTime(peak, 2, 5.5 * 24).At(DeviceTime.UsualUtilization);
        Assert.Equal(Convention.AiAndCompute, estimate.Convention);
        // 2 · 1.58e12 · 5.5 · 86400 · 0.33 = 4.955e17; the text rounds it to 500 PF and 0.0058.
        Assert.Equal(4.955e17, (double)estimate.Count, 1e14);
        Assert.Equal(0.0058, estimate.ToTeraflopDays() / 1000, 0.0001);
    }

    [Fact]
    public void A_counted_run_tells_how_much_of_the_peak_it_used() =>
        // 2 · 1.5e16 operations in an hour of 19.5e12 a second: 3e16 / 7.02e16.
        Assert.Equal(0.427, new DeviceTime(new FlopRate(19.5e12), 1, 1).UtilizationBy(new Macs((UInt128)1.5e16)), 3);

    private static PublishedRow Row(string level, string system) => PublishedLedger.Level(level).Rows.Single(row => row.System == system);

    private static void AssertPrinted(PublishedRow row, double printed)
    {
        Assert.Equal(printed, row.ReductionFactor);
        var text = printed.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(printed, Math.Round(row.RecomputedFactor!.Value, text.Contains('.', StringComparison.Ordinal) ? 1 : 0));
    }
}
