using System.Text.Json;

namespace TrainHarness.Cli.Tests;

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
        var run = await Trainharness.Run(folder.Path, "flops", "squeezenet1_1", "--image-size", "96", "--classes", "10", "--batch", "4", "--layers", "--json");
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
        var rows = JsonDocument.Parse(run.Output).RootElement.EnumerateArray().ToList();
        var dates = rows.ConvertAll(row => row.GetProperty("published").GetString());
        Assert.Equal((32, "alexnet_2012", "convnext_tiny"), (rows.Count, rows[0].GetProperty("name").GetString(), rows[^1].GetProperty("name").GetString()));
        Assert.Equal(dates.Order(StringComparer.Ordinal), dates);
        Assert.Equal("2012-06-01", rows[0].GetProperty("published").GetString());
        Assert.Equal((61_100_840, 714_188_480), (rows[1].GetProperty("parameters").GetInt64(), rows[1].GetProperty("forwardMacs").GetInt64()));
    }

    [Theory]
    [InlineData("flops", "lexnet", "lexnet")]
    [InlineData("flops", "alexnet --image-size 62", "allowed: 63 or more")]
    [InlineData("flops", "alexnet --classes 0", "--classes: 0 is out of range; allowed: 1 to 1000000.")]
    [InlineData("report", "nowhere", "no study.yaml here")]
    [InlineData("study", "run configs/studies/none.yaml", "no such file")]
    [InlineData("study", "run configs/studies/small.yaml --device gpu", "--device: unknown device 'gpu'; allowed: auto, cpu, cuda, cuda:N.")]
    [InlineData("study", "run configs/studies/small.yaml --parallel 0", "--parallel: 0 is out of range; allowed: 1 to 64.")]
    [InlineData("study", "run configs/studies/small.yaml --trial x", "--trial: unknown trial 'x'; allowed: resnet18.small/seed-1, shufflenet_v2_x1_0.small/seed-1.")]
    [InlineData("study", "run configs/studies/small.yaml --trial shufflenet_v2_x1_0.small/seed-1 --device cpu", "cannot start before every seed of the baseline resnet18.small has run")]
    [InlineData("study", "run configs/studies/small.yaml --data .", "is drawn and does not lie at")]
    [InlineData("stud", "run", "trainharness: unknown command 'stud'; allowed: study, report, published,")]
    [InlineData("study", "frob", "trainharness study: unknown command 'frob'; allowed: plan, scan, run, status. Try: trainharness study --help")]
    [InlineData("study", "run --threads 2", "Unrecognized command or argument '2'")]
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
    [InlineData("baseline: resnet18.small", "baseline: alexnet.small", "small.yaml:6:11: 'alexnet.small': alexnet cannot take examples of size 32; allowed: 63 or more.")]
    [InlineData("baseline: resnet18.small", "baseline: resnet19.small", "unknown architecture 'resnet19'; allowed: alexnet_2012,")]
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
        folder.Write("configs/studies/small.yaml", WorkFolder.Study.Replace("dataset: shapes", "dataset: pictures", StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, "study", "run", "configs/studies/small.yaml", "--device", "cpu", "--data", "pictures");
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
        var smoke = Path.Combine(Trainharness.Repository, "results", "imagenette-smoke");
        foreach (var file in Directory.EnumerateFiles(smoke, "*", SearchOption.AllDirectories))
            folder.Write(Path.Combine("copy", Path.GetRelativePath(smoke, file)), File.ReadAllText(file));
        var report = await Trainharness.Run(folder.Path, without, ["report", "copy"]);
        Assert.Equal((0, ""), (report.ExitCode, report.Error));
        Assert.Contains("shufflenet_v2_x1_0 reached alexnet's level", report.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
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
