using System.Text.Json;

namespace TrainHarness.Cli.Tests.Commands;

public sealed class PublishedCommandTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Published_answers_with_the_contract_that_scripts_rely_on()
    {
        var answer = await Json("published", "--level", "alexnet", "--json");
        Assert.Equal("alexnet", answer.GetProperty("level").GetString());
        Assert.Equal(15.8, answer.GetProperty("doublingTimeMonths").GetDouble(), 1);
        Assert.Contains("least squares", answer.GetProperty("doublingTimeMethod").GetString(), StringComparison.Ordinal);
        var rows = answer.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal((16, 1.0), (rows.Count, rows[0].GetProperty("recomputedFactor").GetDouble()));
        var last = rows[^1];
        Assert.Equal(
            ("EfficientNet-b0", "2019-05-28", "paper"),
            (last.GetProperty("system").GetString(), last.GetProperty("published").GetString(), last.GetProperty("convention").GetString())
        );
        Assert.Equal(
            (0.069, "teraflop/s-days", 44.0),
            (last.GetProperty("compute").GetDouble(), last.GetProperty("unit").GetString(), last.GetProperty("reductionFactor").GetDouble())
        );
        Assert.NotEmpty(last.GetProperty("flags").EnumerateArray());
    }

    [Theory]
    [InlineData("alexnet")]
    [InlineData("resnet50")]
    [InlineData("seq2seq")]
    [InlineData("gnmt")]
    [InlineData("alphago-zero")]
    [InlineData("openai-five")]
    [InlineData("inference-alexnet")]
    [InlineData("inference-resnet50")]
    [InlineData("ai-and-compute")]
    [InlineData("training-cost")]
    public async Task Every_level_begins_with_1_and_what_cannot_be_computed_is_null_with_a_flag(string level)
    {
        var rows = (await Json("published", "--level", level, "--json")).GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(1, rows[0].GetProperty("recomputedFactor").GetDouble());
        Assert.All(rows.Where(row => row.GetProperty("recomputedFactor").ValueKind == JsonValueKind.Null), row =>
            Assert.NotEmpty(row.GetProperty("flags").EnumerateArray())
        );
    }

    [Fact]
    public async Task Published_without_a_level_tells_of_all_twelve()
    {
        Assert.Equal(12, (await Json("published", "--json")).GetArrayLength());
        var run = await Trainharness.Run(folder.Path, "published");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Doubling time 15.8 months", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_estimate_by_time_stands_beside_the_count()
    {
        // AI and Compute (2018): two GTX 580 for 5.5 days at 33 % are 0.0058 petaflop/s-days.
        var answer = await Json("estimate", "--gpu", "GTX 580", "--count", "2", "--hours", "132", "--macs", "2.43e17", "--json");
        Assert.Equal(0.0058, answer.GetProperty("petaflopDays").GetDouble(), 0.0001);
        Assert.Equal(0.33, answer.GetProperty("utilization").GetDouble());
        // 2 · 2.43e17 / (2 · 1.58e12 · 132 · 3600)
        Assert.Equal(0.3236, answer.GetProperty("counted").GetProperty("utilization").GetDouble(), 4);
        Assert.Equal("exact", answer.GetProperty("counted").GetProperty("convention").GetString());
    }

    // arXiv:1706.03762, table 2: devices by days by the rates of its footnote, K80 2.8, K40 3.7, M40 6.0 and P100 9.5 TFLOP/s.
    [Theory]
    [InlineData("Deep-Att, English to French", "3.7", "32", "240", 1.0e20)]
    [InlineData("GNMT, English to German", "2.8", "96", "24", 2.3e19)]
    [InlineData("GNMT, English to French", "2.8", "96", "144", 1.4e20)]
    [InlineData("ConvS2S, English to German", "6.0", "1", "444", 9.6e18)]
    [InlineData("ConvS2S, English to French", "6.0", "8", "888", 1.5e20)]
    [InlineData("Transformer (base)", "9.5", "8", "12", 3.3e18)]
    [InlineData("Transformer (big)", "9.5", "8", "84", 2.3e19)]
    public async Task Table_2_of_the_transformer_is_an_estimate_at_utilization_1(
        string system,
        string teraflops,
        string devices,
        string hours,
        double printed
    )
    {
        string[] device = ["--teraflops", teraflops, "--count", devices, "--hours", hours];
        var answer = await Json(["estimate", .. device, "--utilization", "1", "--json"]);
        var estimate = answer.GetProperty("flops").GetDouble();
        // Two digits are printed.
        Assert.True(Math.Abs(estimate - printed) <= 0.05 * Math.Pow(10, Math.Floor(Math.Log10(printed))), $"{system}: {estimate}");
        Assert.Equal(
            (JsonValueKind.Null, JsonValueKind.Null),
            (answer.GetProperty("gpu").ValueKind, answer.GetProperty("precision").ValueKind)
        );
    }

    [Theory]
    [InlineData("published --level vgg", "--level: unknown level 'vgg'; allowed: alexnet,")]
    [InlineData("estimate --gpu B9000 --count 1 --hours 1", "--gpu: unknown device 'B9000'; allowed: GB200, B200,")]
    [InlineData("estimate --gpu T4 --count 1 --hours 1 --precision bf16", "--precision: T4 has no bf16; allowed: fp32.")]
    [InlineData("estimate --gpu T4 --count 0 --hours 1", "--count: 0 is out of range; allowed: 1 to 1000000.")]
    [InlineData("estimate --gpu T4 --count 1 --hours 0", "--hours: 0 is out of range")]
    [InlineData("estimate --gpu T4 --count 1 --hours 1 --utilization 33", "--utilization: 33 is out of range; allowed: above 0, to 1.")]
    [InlineData("estimate --gpu T4 --count 1 --hours 1 --macs -1", "--macs: '-1' is no number of multiply-adds")]
    [InlineData("estimate --gpu T4 --hours 1", "--count")]
    [InlineData("estimate --count 1 --hours 1", "--gpu, --teraflops: neither is given; allowed: one of the two.")]
    [InlineData("estimate --gpu T4 --teraflops 8 --count 1 --hours 1", "--gpu, --teraflops: both are given; allowed: one of the two.")]
    [InlineData("estimate --teraflops 0 --count 1 --hours 1", "--teraflops: 0 is out of range; allowed: above 0, to 1e9.")]
    [InlineData("estimate --teraflops 8 --count 1 --hours 1 --precision fp32", "--precision: a rate that is given has none")]
    public async Task Bad_usage_is_one_line_and_exit_2(string arguments, string expected)
    {
        var run = await Trainharness.Run(folder.Path, arguments.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    private async Task<JsonElement> Json(params string[] arguments)
    {
        var run = await Trainharness.Run(folder.Path, arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
