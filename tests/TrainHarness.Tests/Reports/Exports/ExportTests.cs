using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Parquet;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Exports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports.Exports;

/// <summary>
/// Records as other programs read them. TensorBoard's events are read back by its own messages where TorchSharp is: ExportCommandTests.
/// </summary>
public sealed class ExportTests
{
    private static readonly AnalysedStudy Analysed = SampleReports.Of(Small, Results()).Analysed;

    private static Study Small => Samples.Study with { Seeds = [1], Target = new(Samples.Top1, 0.6, FromBaseline: true) };

    [Fact]
    public void Mlperf_has_the_keys_that_its_checker_counts_in_its_order()
    {
        var lines = Lines(File("mlperf", "alexnet.sgd-step6/seed-1/mlperf.log"));
        string[] once =
        [
            "init_stop",
            "run_start",
            "run_stop",
            "submission_benchmark",
            "submission_division",
            "submission_org",
            "submission_platform",
            "submission_status",
            "global_batch_size",
            "train_samples",
            "eval_samples",
            "gradient_accumulation_steps",
            "seed",
            "opt_name",
        ];
        Assert.All(once, key => Assert.Single(lines, line => (string)line["key"]! == key));
        string[] Evaluation(string[] epochs) =>
            ["block_start", .. epochs, "tracked_stats", "block_stop", "eval_start", "eval_accuracy", "eval_accuracy_top5", "eval_stop"];
        Assert.Equal(
            [
                "init_stop",
                "run_start",
                .. Evaluation(["epoch_start"]),
                .. Evaluation(["epoch_stop"]),
                .. Evaluation(["epoch_start", "epoch_stop"]),
                "run_stop",
            ],
            lines.SkipWhile(line => (string)line["key"]! != "init_stop").Select(line => (string)line["key"]!)
        );
        Assert.Equal(["cache_clear", "init_start"], lines.Take(2).Select(line => (string)line["key"]!));
        Assert.Equal(["namespace", "time_ms", "event_type", "key", "value", "metadata"], lines[0].AsObject().Select(field => field.Key));
        var times = lines.ConvertAll(line => (long)line["time_ms"]!);
        Assert.Equal(times.Order(), times);
        // Started at 0; a second of start-up; evaluations after 1.5, 3 and 4.5 s of training, two thirds of a second each.
        double[] evaluated = [3166.7, 5333.3, 7500];
        Assert.All(evaluated.Zip(Values(lines, "eval_accuracy", line => (double)(long)line["time_ms"]!)), time =>
            Assert.Equal(time.First, time.Second, 1.0)
        );
        Assert.Equal([0.2, 0.4, 0.6], Values(lines, "eval_accuracy", line => (double)line["value"]!));
        Assert.Equal([0.5, 1.0, 1.5], Values(lines, "eval_accuracy", line => (double)line["metadata"]!["epoch_num"]!));
        Assert.Equal([0.0, 0.5, 1.0], Values(lines, "block_start", line => (double)line["metadata"]!["first_epoch_num"]!));
        // The first is over at the second evaluation; the second where the trial ends.
        Assert.Equal([1.0, 2.0], Values(lines, "epoch_start", line => (double)line["metadata"]!["epoch_num"]!));
        Assert.Equal([1.0, 2.0], Values(lines, "epoch_stop", line => (double)line["metadata"]!["epoch_num"]!));
        Assert.All(((double[])[1000, 5333.3]).Zip(Values(lines, "epoch_start", line => (double)(long)line["time_ms"]!)), time =>
            Assert.Equal(time.First, time.Second, 1.0)
        );
        Assert.All(((double[])[4666.7, 6833.3]).Zip(Values(lines, "epoch_stop", line => (double)(long)line["time_ms"]!)), time =>
            Assert.Equal(time.First, time.Second, 1.0)
        );
        Assert.Equal(
            ["300000", "600000", "900000"],
            Values(lines, "tracked_stats", line => line["value"]!["cumulative_train_macs"]!.ToJsonString())
        );
        Assert.Equal(1000 / 1.5, (double)lines.First(line => (string)line["key"]! == "tracked_stats")["value"]!["throughput"]!, 1e-9);
        Assert.Equal("success", (string)lines[^1]["metadata"]!["status"]!);
    }

    // Two trials; one epoch and a quarter of the next, by one evaluation: all in one block of 1.25 s of training.
    [Fact]
    public void Epochs_that_lie_within_a_block_follow_each_other_at_one_pace()
    {
        var trial = Results()["alexnet.sgd-step6"][0];
        var only = trial with { Evaluations = [trial.Evaluations[0] with { Epoch = 1.25, Seconds = 1.25 }] };
        var log = ExportFormat.Parse("mlperf")[0].Files(Analysed with { Results = With(only) }).Single();
        Assert.Equal(
            ["epoch_start 1 0", "epoch_stop 1 1000", "epoch_start 2 1000", "epoch_stop 2 1250"],
            Lines(Encoding.UTF8.GetString(log.Content))
                .Where(line => ((string)line["key"]!).StartsWith("epoch_", StringComparison.Ordinal))
                .Select(line => $"{line["key"]} {line["metadata"]!["epoch_num"]} {(long)line["time_ms"]! - 1000}")
        );
    }

    [Theory]
    [InlineData("mlperf")]
    [InlineData("dawnbench")]
    public void Trials_that_shared_a_device_have_no_seconds_and_are_left_out(string name)
    {
        var format = ExportFormat.Parse(name)[0];
        var trial = Results()["alexnet.sgd-step6"][0];
        var shared = trial with { Record = trial.Record with { Seed = 2, Clocks = trial.Record.Clocks with { TrialsPerDevice = 2 } } };
        var both = Analysed with { Results = With(trial, shared) };
        Assert.NotEmpty(format.Files(both));
        Assert.DoesNotContain(format.Files(both), file => file.Name.Contains("seed-2", StringComparison.Ordinal));
        Assert.Equal($"{name}: trials that shared a device are left out (1), as their seconds compare with nothing.", format.LeftOut(both));
        Assert.Null(format.LeftOut(Analysed));
        Assert.Equal(
            $"--export: {name} is made of seconds, and every trial of sample shared a device; allowed: another format.",
            Assert.Throws<ConfigurationException>(() => format.Files(Analysed with { Results = With(shared) }).ToList()).Message
        );
        Assert.Null(ExportFormat.Parse("parquet")[0].LeftOut(both));
    }

    [Fact]
    public void Evaluations_whose_time_is_not_known_take_none()
    {
        var trial = Results()["alexnet.sgd-step6"][0];
        var unknown = trial with { Record = trial.Record with { Clocks = trial.Record.Clocks with { EvaluationSeconds = null } } };
        var log = ExportFormat.Parse("mlperf")[0].Files(Analysed with { Results = With(unknown) }).Single();
        // A second of start-up, and evaluations after 1.5, 3 and 4.5 s of training.
        Assert.Equal(
            [2500, 4000, 5500],
            Values(Lines(Encoding.UTF8.GetString(log.Content)), "eval_accuracy", line => (long)line["time_ms"]!)
        );
    }

    [Theory]
    [InlineData(Outcome.Diverged)]
    [InlineData(Outcome.Missed)]
    public void A_trial_that_did_not_reach_its_target_is_an_aborted_run(Outcome outcome)
    {
        var trial = Results()["alexnet.sgd-step6"][0];
        var diverged = trial with { Record = trial.Record with { Outcome = outcome } };
        var log = ExportFormat.Parse("mlperf")[0].Files(Analysed with { Results = With(diverged) }).Single();
        Assert.Equal("aborted", (string)Lines(Encoding.UTF8.GetString(log.Content))[^1]["metadata"]!["status"]!);
    }

    [Fact]
    public void Dawnbench_has_hours_and_per_cent()
    {
        Assert.Equal(
            "epoch\thours\ttop1Accuracy\ttop5Accuracy\n"
                + "0.5\t0.000416666666666667\t20\t40\n1\t0.000833333333333333\t40\t80\n1.5\t0.00125\t60\t100\n",
            File("dawnbench", "dawnbench/alexnet.sgd-step6.seed-1.tsv")
        );
        var entry = JsonNode.Parse(File("dawnbench", "dawnbench/alexnet.sgd-step6.seed-1.json"))!;
        Assert.Equal(
            ("v1.0", "alexnet", "A processor", "1970-01-01"),
            ((string)entry["version"]!, (string)entry["model"]!, (string)entry["hardware"]!, (string)entry["timestamp"]!)
        );
        Assert.Null(entry["costPerHour"]);
    }

    [Fact]
    public void Dawnbench_refuses_a_study_without_accuracy()
    {
        var study = Small with { Target = new(Samples.Loss, 1.0, FromBaseline: true) };
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 2, 1);
        var analysed = SampleReports.Of(study, With(trial)).Analysed;
        var error = Assert.Throws<ConfigurationException>(() => ExportFormat.Parse("dawnbench")[0].Files(analysed).ToList());
        Assert.Equal("--export: dawnbench knows top1 and top5, and no trial of sample has one; allowed: another format.", error.Message);
    }

    [Fact]
    public async Task Parquet_has_every_evaluation_with_every_digit()
    {
        // ViT-B/16 over 300 epochs of ImageNet: above 2^64.
        var trial = Results()["alexnet.sgd-step6"][0];
        var count = UInt128.Parse("20192019201920192019", CultureInfo.InvariantCulture);
        var large = trial.Evaluations[^1] with { Ledger = new ComputeLedger(new Macs(count), Macs.Zero, Macs.Zero, Macs.Zero) };
        var analysed = Analysed with { Results = With(trial with { Evaluations = [.. trial.Evaluations.SkipLast(1), large] }) };
        var file = ExportFormat.Parse("parquet")[0].Files(analysed).Single();
        await using var reader = await ParquetReader.CreateAsync(
            new MemoryStream(file.Content),
            cancellationToken: TestContext.Current.CancellationToken
        );
        using var group = reader.OpenRowGroupReader(0);
        Assert.Equal(3, group.RowCount);
        var fields = reader.Schema.GetDataFields().ToDictionary(field => field.Name);
        Assert.Equal(["entry", "architecture", "recipe", "seed"], reader.Schema.GetDataFields().Take(4).Select(field => field.Name));
        var macs = new decimal[3];
        await group.ReadAsync<decimal>(fields["trainingMacs"], macs.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([300_000m, 600_000m, 20_192_019_201_920_192_019m], macs);
        var top1 = new double?[3];
        await group.ReadAsync<double>(fields["top1"], top1.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([0.2, 0.4, 0.6], top1);
        var joules = new double?[3];
        await group.ReadAsync<double>(fields["joules"], joules.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([null, null, null], joules);
    }

    [Fact]
    public void A_study_without_a_trial_has_no_rows()
    {
        var nothing = Analysed with { Results = With() };
        Assert.Equal(
            ["evaluations.parquet"],
            ExportFormat.Parse("tensorboard,mlperf,parquet").SelectMany(format => format.Files(nothing)).Select(file => file.Name)
        );
    }

    [Fact]
    public void An_unknown_format_is_named()
    {
        var error = Assert.Throws<ConfigurationException>(() => ExportFormat.Parse("parquet, tensorbord"));
        Assert.Equal(
            "--export: unknown format 'tensorbord'; did you mean tensorboard? allowed: tensorboard, mlperf, dawnbench, parquet.",
            error.Message
        );
    }

    [Fact]
    public void A_folder_that_is_a_link_is_not_written_to()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["elsewhere"]);
        Directory.CreateDirectory(folder["study"]);
        Directory.CreateSymbolicLink(folder["study/dawnbench"], folder["elsewhere"]);
        ExportedFile[] files = [ExportedFile.Of("first.txt", "x"), ExportedFile.Of("dawnbench/second.txt", "x")];
        var error = Assert.Throws<ConfigurationException>(() => ExportedFile.Write(new ResultStore(folder["study"]), files));
        Assert.Equal($"{folder["study/dawnbench"]}: a link to {folder["elsewhere"]}; allowed: a folder of its own.", error.Message);
        Assert.False(Path.Exists(folder["study/first.txt"]));
    }

    private static string File(string format, string name) =>
        Encoding.UTF8.GetString(ExportFormat.Parse(format)[0].Files(Analysed).Single(file => file.Name == name).Content);

    private static List<JsonNode> Lines(string log)
    {
        const string Mark = ":::MLLOG ";
        var lines = log.TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.StartsWith(Mark, line, StringComparison.Ordinal));
        return [.. lines.Select(line => JsonNode.Parse(line[Mark.Length..])!)];
    }

    private static T[] Values<T>(List<JsonNode> lines, string key, Func<JsonNode, T> value) =>
        [.. lines.Where(line => (string)line["key"]! == key).Select(value)];

    private static Dictionary<string, IReadOnlyList<TrialResult>> Results() =>
        With(Samples.Trial(Small, Small.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.4, 0.6));

    private static Dictionary<string, IReadOnlyList<TrialResult>> With(params TrialResult[] trials) =>
        Small.AllEntries.ToDictionary(
            entry => entry.Name,
            entry => (IReadOnlyList<TrialResult>)[.. trials.Where(trial => trial.Record.Entry == entry.Name)]
        );
}
