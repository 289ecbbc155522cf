using System.Text.Json;
using TrainHarness.Training;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Cli.Tests.Commands;

public sealed class CommandTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Flops_answers_with_the_published_numbers_in_whole_digits()
    {
        var run = await Trainharness.Run(folder.Path, "flops", "resnet18", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var answer = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(11_689_512, answer.GetProperty("parameters").GetInt64());
        Assert.Equal(1_814_073_344, answer.GetProperty("forwardMacs").GetInt64());
        Assert.Equal(5_324_206_080, answer.GetProperty("trainingMacs").GetInt64());
        // No gradient for the first layer's input: training = 3 × forward − first layer.
        Assert.Equal(118_013_952, answer.GetProperty("forwardMacs").GetInt64() - answer.GetProperty("gradInputMacs").GetInt64());
        Assert.Equal(answer.GetProperty("forwardMacs").GetInt64(), answer.GetProperty("gradWeightMacs").GetInt64());
        Assert.False(answer.TryGetProperty("layers", out var layers) && layers.ValueKind != JsonValueKind.Null);
    }

    [Fact]
    public async Task Flops_with_layers_lists_layers_that_add_up()
    {
        var run = await Trainharness.Run(
            folder.Path,
            "flops",
            "squeezenet1_1",
            "--image-size",
            "96",
            "--classes",
            "10",
            "--batch",
            "4",
            "--layers",
            "--json"
        );
        var answer = JsonDocument.Parse(run.Output).RootElement;
        var layers = answer.GetProperty("layers").EnumerateArray().ToList();
        Assert.Equal(26, layers.Count);
        Assert.Equal("features.0", layers[0].GetProperty("name").GetString());
        Assert.Equal(answer.GetProperty("forwardMacs").GetInt64(), layers.Sum(layer => layer.GetProperty("macs").GetInt64()));
    }

    [Fact]
    public async Task Architectures_are_listed_oldest_first()
    {
        var run = await Trainharness.Run(folder.Path, "architectures", "--json");
        var all = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().ToList();
        Assert.All(all.GroupBy(row => row.GetProperty("workload").GetString()), workload =>
        {
            var dates = workload.Select(row => row.GetProperty("published").GetString()).ToList();
            Assert.Equal(dates.Order(StringComparer.Ordinal), dates);
        });
        var rows = all.FindAll(row => row.GetProperty("workload").GetString() == "image-classification");
        Assert.Equal(
            ArchitectureCatalog.All.Select(architecture => architecture.Name),
            rows.Select(row => row.GetProperty("name").GetString())
        );
        Assert.Equal("alexnet_2012", rows[0].GetProperty("name").GetString());
        Assert.Equal("2012-06-01", rows[0].GetProperty("published").GetString());
        Assert.Equal(
            (61_100_840, 714_188_480),
            (rows[1].GetProperty("parameters").GetInt64(), rows[1].GetProperty("forwardMacs").GetInt64())
        );
        // Those of other workloads come behind them; what they cost is not known without a study.
        var transformer = all.Find(row => row.GetProperty("name").GetString() == "transformer_base");
        Assert.Equal(
            ("translation", "2017-06-12", "arXiv:1706.03762", JsonValueKind.Null),
            (
                transformer.GetProperty("workload").GetString(),
                transformer.GetProperty("published").GetString(),
                transformer.GetProperty("paper").GetString(),
                transformer.GetProperty("parameters").ValueKind
            )
        );
        Assert.Equal(WorkloadCatalog.Shipped.Architectures.Count(), all.Count);
    }

    [Theory]
    [InlineData("flops", "lexnet", "lexnet")]
    [InlineData("flops", "transformer_base", "transformer_base: is a network of translation, whose records say what it costs")]
    [InlineData("flops", "alexnet --image-size 62", "allowed: 63 or more")]
    [InlineData("flops", "alexnet --classes 0", "--classes: 0 is out of range; allowed: 1 to 1000000.")]
    [InlineData("flops", "resnet-50", "'resnet-50' is no architecture; did you mean resnet50? allowed: resnet50, ")]
    [InlineData("report", "nowhere", "nowhere: no such folder; allowed: a folder of a study")]
    [InlineData("report", "configs", "no study.yaml here")]
    [InlineData("report", "configs/studies/small.yaml", "configs/studies/small.yaml: is a file; allowed: a folder of a study")]
    [InlineData("study", "run configs/studies/none.yaml", "configs/studies/none.yaml: no such file.")]
    [InlineData("study", "run configs/studies/smal.yaml", "no such file. A study named small is found from any folder: write small.")]
    [InlineData("study", "run configs", "it is a folder")]
    [InlineData(
        "study",
        "run quickstat",
        "quickstat: no such file, and no study has this name; did you mean quickstart? allowed: quickstart, "
    )]
    [InlineData("study", "plan small --data nowhere", "--data: nowhere does not exist; allowed: a file or folder that is there.")]
    [InlineData("datasets", "prepare pictures --data nowhere", "--data: nowhere does not exist")]
    [InlineData("datasets", "prepar pictures", "trainharness datasets: unknown command 'prepar'; did you mean prepare?")]
    [InlineData("datasets", "picturs", "no dataset fits 'picturs'; did you mean pictures?")]
    [InlineData("recipes", "smal?r", "no recipe fits 'smal?r'; did you mean small?")]
    [InlineData("published", "--level alexnt", "--level: unknown level 'alexnt'; did you mean alexnet?")]
    [InlineData(
        "estimate",
        "--gpu H300 --count 1 --hours 1",
        "--gpu: unknown device 'H300'; did you mean H200 or H100? allowed: H200, H100, "
    )]
    [InlineData(
        "estimate",
        "--gpu H100 --count 1 --hours 1 --macs 1.5",
        "--macs: '1.5' is no number of multiply-adds; allowed: a whole number"
    )]
    [InlineData("help", "stdy", "trainharness: unknown command 'stdy'; did you mean study?")]
    [InlineData(
        "study",
        "run configs/studies/small.yaml --device gpu",
        "--device: unknown device 'gpu'; allowed: auto, cpu, cuda, cuda:N."
    )]
    [InlineData("study", "run configs/studies/small.yaml --parallel 0", "--parallel: 0 is out of range; allowed: 1 to 64.")]
    [InlineData("study", "run configs/studies/small.yaml --per-device 0", "out of range; allowed: 1 to 64.")]
    [InlineData(
        "study",
        "run configs/studies/small.yaml --trial x",
        "--trial: unknown trial 'x'; allowed: resnet18.small/seed-1, shufflenet_v2_x1_0.small/seed-1."
    )]
    [InlineData(
        "study",
        "run configs/studies/small.yaml --trial shufflenet_v2_x1_0.small/seed-1 --device cpu",
        "cannot start before every seed of the baseline resnet18.small has run"
    )]
    [InlineData("study", "run configs/studies/small.yaml --data .", "is drawn and does not lie at")]
    [InlineData("stud", "run", "trainharness: unknown command 'stud'; did you mean study? allowed: study, report, import,")]
    [InlineData(
        "study",
        "frob",
        "trainharness study: unknown command 'frob'; allowed: plan, scan, run, status, submit, task, cancel. Try: "
            + "trainharness study --help"
    )]
    [InlineData("study", "run --threads 2", "trainharness study run: unknown option '--threads'; allowed: --trial, --device,")]
    [InlineData("study", "run small --devise cpu", "unknown option '--devise'; did you mean --device?")]
    public async Task Bad_usage_is_one_line_and_exit_2_before_anything_is_written(string command, string arguments, string expected)
    {
        var run = await Trainharness.Run(folder.Path, [command, .. arguments.Split(' ')]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.False(Directory.Exists(folder["results"]));
    }

    [Theory]
    [InlineData("threads: 2", "threads: 2\nthreds: 2", "small.yaml:13:1: unknown key 'threds'")]
    [InlineData("imageSize: 32", "imageSize: big", "small.yaml:3:12: 'imageSize' is 'big'")]
    [InlineData(
        "baseline: resnet18.small",
        "baseline: alexnet.small",
        "small.yaml:6:11: 'alexnet.small': alexnet cannot take examples of size 32; allowed: 63 or more."
    )]
    [InlineData(
        "baseline: resnet18.small",
        "baseline: resnet19.small",
        "unknown architecture 'resnet19'; did you mean resnet18? allowed: resnet18,"
    )]
    [InlineData("dataset: shapes", "dataset: pictures", "pictures")]
    public async Task Bad_configuration_is_one_line_and_exit_2_before_anything_is_written(string from, string to, string expected)
    {
        folder.Write("configs/studies/small.yaml", WorkFolder.Study.Replace(from, to, StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/small.yaml", "--device", "cpu");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.False(Directory.Exists(folder["results"]));
    }

    [Fact]
    public async Task An_empty_class_folder_is_one_line_that_names_it()
    {
        foreach (var name in (string[])["train/a", "train/b", "val/a", "val/b"])
            folder.Write($"pictures/{name}/1.png", "x");
        File.Delete(folder["pictures/train/b/1.png"]);
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder.Study.Replace("dataset: shapes", "dataset: pictures", StringComparison.Ordinal)
        );
        var run = await Trainharness.Run(
            folder.Path,
            "study",
            "run",
            "configs/studies/small.yaml",
            "--device",
            "cpu",
            "--data",
            "pictures"
        );
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("train/b", run.Error.Replace('\\', '/'), StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.False(Directory.Exists(folder["results"]));
    }

    [Fact]
    public async Task A_report_needs_no_libtorch_and_what_needs_it_says_so_in_one_line()
    {
        (string, string)[] without = [("TRAINHARNESS_LIBTORCH", folder["nowhere"])];
        var flops = await Trainharness.Run(folder.Path, without, ["flops", "resnet18"]);
        Assert.Equal(2, flops.ExitCode);
        Assert.Contains("TRAINHARNESS_LIBTORCH", Assert.Single(flops.Error.Trim().Split('\n')), StringComparison.Ordinal);
        var smoke = Path.Combine(Trainharness.Repository, "results", "protocol-1", "imagenette-smoke");
        foreach (var file in Directory.EnumerateFiles(smoke, "*", SearchOption.AllDirectories))
            folder.Write(Path.Combine("copy", Path.GetRelativePath(smoke, file)), File.ReadAllText(file));
        var report = await Trainharness.Run(folder.Path, without, ["report", "copy"]);
        Assert.Equal((0, ""), (report.ExitCode, report.Error));
        Assert.Contains("shufflenet_v2_x1_0 reached alexnet's level", report.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_guessing_reaches_is_refused_before_anything_is_done()
    {
        folder.Write("configs/studies/small.yaml", WorkFolder.Study.Replace("metric: top1", "metric: top5", StringComparison.Ordinal));
        foreach (var verb in (string[])["plan", "run"])
        {
            var run = await Trainharness.Run(
                folder.Path,
                [("TRAINHARNESS_LIBTORCH", folder["nowhere"])],
                ["study", verb, "configs/studies/small.yaml"]
            );
            Assert.Equal((2, ""), (run.ExitCode, run.Output));
            Assert.Equal(
                "configs/studies/small.yaml:5:19: top5 means nothing here: blind guessing has 1, the best there is; allowed: a metric "
                    + "that it does not reach.",
                run.Error.Trim()
            );
        }
    }

    [Fact]
    public async Task A_target_is_judged_by_the_classes_that_a_folder_holds()
    {
        foreach (var name in (string[])["train/a", "train/b", "val/a", "val/b"])
            folder.Write($"pictures/{name}/1.png", "x");
        folder.Write(
            "configs/studies/small.yaml",
            WorkFolder
                .Study.Replace("dataset: shapes", "dataset: pictures", StringComparison.Ordinal)
                .Replace("from: baseline", "atLeast: 0.5", StringComparison.Ordinal)
        );
        foreach (var verb in (string[])["plan", "run"])
        {
            var run = await Trainharness.Run(
                folder.Path,
                "study",
                verb,
                "configs/studies/small.yaml",
                "--device",
                "cpu",
                "--data",
                "pictures"
            );
            Assert.Equal((2, ""), (run.ExitCode, run.Output));
            Assert.Equal(
                "configs/studies/small.yaml:5:34: 0.5 is no better than chance: blind guessing has a top1 of 0.5; allowed: more than that.",
                run.Error.Trim()
            );
        }
    }

    [Fact]
    public async Task A_study_is_found_by_its_name_and_a_file_of_that_name_comes_first()
    {
        (string, string)[] withoutLibtorch = [("TRAINHARNESS_LIBTORCH", folder["nowhere"])];
        Assert.Contains(
            "alexnet.sgd-step3/seed-1",
            (await Trainharness.Run(folder.Path, withoutLibtorch, ["study", "status", "quickstart"])).Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "resnet18.small/seed-1",
            (await Trainharness.Run(folder.Path, withoutLibtorch, ["study", "status", "small"])).Output,
            StringComparison.Ordinal
        );
        folder.Write("quickstart.yaml", WorkFolder.QuickStudy);
        Assert.Contains(
            "squeezenet1_1.small/seed-1",
            (await Trainharness.Run(folder.Path, withoutLibtorch, ["study", "status", "quickstart"])).Output,
            StringComparison.Ordinal
        );
        folder.Write("quickstart", WorkFolder.Study);
        Assert.Contains(
            "resnet18.small/seed-1",
            (await Trainharness.Run(folder.Path, withoutLibtorch, ["study", "status", "quickstart"])).Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_report_is_found_by_its_name_among_the_results()
    {
        new SyntheticStudy(2, 1, 10).WriteTo(folder["results/synthetic"]);
        var run = await Trainharness.Run(folder.Path, "report", "synthetic");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.EndsWith(
            $"Report: {folder["results/synthetic/report.md"]} and {folder["results/synthetic/report.html"]}",
            run.Output.TrimEnd(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no such folder, here or in results; did you mean synthetic?",
            (await Trainharness.Run(folder.Path, "report", "synthetik")).Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_a_trial_of_months_spent_is_written_with_all_digits_and_its_teras_as_a_number()
    {
        var counted = await Trainharness.Run(
            folder.Path,
            "estimate",
            "--gpu",
            "H100",
            "--count",
            "1",
            "--hours",
            "1",
            "--macs",
            "2.0207392838294458881e19",
            "--json"
        );
        Assert.True(counted.ExitCode == 0, counted.Error);
        var answer = JsonDocument.Parse(counted.Output).RootElement.GetProperty("counted");
        Assert.Equal(
            ("20207392838294458881", "40414785676588917762"),
            (answer.GetProperty("trainingMacs").GetRawText(), answer.GetProperty("flops").GetRawText())
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    public async Task The_program_alone_and_its_help_list_the_commands(string arguments)
    {
        var run = await Trainharness.Run(folder.Path, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal((await Trainharness.Run(folder.Path, "--help")).Output, run.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("help study run")]
    [InlineData("help datasets prepare")]
    [InlineData("study run --help")]
    [InlineData("study status --help")]
    [InlineData("report --help")]
    [InlineData("flops --help")]
    [InlineData("architectures --help")]
    public async Task Help_ends_well(string arguments)
    {
        var run = await Trainharness.Run(folder.Path, arguments.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        if (arguments != "--help")
            Assert.Contains("Example: trainharness ", run.Output, StringComparison.Ordinal);
    }
}
