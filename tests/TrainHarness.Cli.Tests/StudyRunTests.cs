using System.Text.Json;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests;

public sealed class StudyRunTests : IDisposable
{
    private const string File = "configs/studies/small.yaml";

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_study_runs_its_baseline_first_takes_the_target_from_it_and_reports_and_a_second_run_has_nothing_to_do()
    {
        var first = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu", "--json");
        Assert.True(first.ExitCode == 0, first.Error);
        var answer = JsonDocument.Parse(first.Output).RootElement;
        Assert.Equal("small", answer.GetProperty("study").GetString());
        Assert.Equal("resnet18.small", answer.GetProperty("baseline").GetString());

        var store = new ResultStore(folder["results/small"]);
        var baseline = store.Read("resnet18.small/seed-1")!;
        var entry = store.Read("shufflenet_v2_x1_0.small/seed-1")!;
        Assert.Equal(Outcome.Completed, baseline.Record.Outcome);
        Assert.Equal(baseline.FinalMetric, store.FrozenThreshold());
        Assert.Equal(baseline.FinalMetric, answer.GetProperty("target").GetProperty("threshold").GetDouble());
        Assert.Equal(baseline.FinalMetric, entry.Record.Target.Threshold);
        Assert.True(baseline.Record.Clocks.Finished <= entry.Record.Clocks.Started);
        Assert.Equal(1, answer.GetProperty("entries")[0].GetProperty("trials").GetInt32());
        foreach (var name in (string[])["study.yaml", "efficiency.csv", "report.md", "resnet18.small/seed-1/log.jsonl", "resnet18.small/seed-1/evaluations.csv"])
            Assert.True(System.IO.File.Exists(folder[$"results/small/{name}"]), name);
        Assert.All(System.IO.File.ReadAllLines(store.LogFile("resnet18.small/seed-1")), line => JsonDocument.Parse(line));

        var written = Records();
        var second = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(written, Records());

        var changed = WorkFolder.Study.Replace("evaluateEveryExamples: 60", "evaluateEveryExamples: 30", StringComparison.Ordinal);
        folder.Write(File, changed);
        var refused = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("measured under other rules", refused.Error, StringComparison.Ordinal);
        Assert.Equal(written, Records());
    }

    [Fact]
    public async Task A_seed_that_is_added_later_runs_alone_and_leaves_the_target_as_it_was()
    {
        var first = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(first.ExitCode == 0, first.Error);
        var store = new ResultStore(folder["results/small"]);
        var (threshold, written) = (store.FrozenThreshold(), Records());
        folder.Write(File, WorkFolder.Study.Replace("seeds: [1]", "seeds: [1, 2]", StringComparison.Ordinal));
        var second = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal(threshold, store.FrozenThreshold());
        Assert.Equal(written, Records().Where(record => record.Key.Contains("seed-1", StringComparison.Ordinal)));
        Assert.NotNull(store.Read("shufflenet_v2_x1_0.small/seed-2"));
    }

    [Fact]
    public async Task A_trial_whose_process_dies_is_named_the_others_go_on_and_the_exit_is_1()
    {
        var first = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu", "--trial", "resnet18.small/seed-1");
        Assert.True(first.ExitCode == 0, first.Error);
        // The trial's folder cannot be made where a file stands.
        folder.Write("results/small/shufflenet_v2_x1_0.small", "in the way");
        var second = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("shufflenet_v2_x1_0.small/seed-1 failed: exit status 1:", second.Error, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(folder["results/small/report.md"]));
    }

    [Fact]
    public void Every_shipped_study_is_understood()
    {
        var workload = new Workload(
            TrainHarness.Training.Engine.Evaluator.Metrics,
            TrainHarness.Training.Architectures.ArchitectureCatalog.All.ToDictionary(architecture => architecture.Name, architecture => architecture.MinimumImageSize));
        var files = Directory.GetFiles(Path.Combine(Trainharness.Repository, "configs", "studies"), "*.yaml");
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(Path.GetFileNameWithoutExtension(file), StudyReader.Read(file, workload).Name));
    }

    [Fact]
    public async Task Every_committed_result_still_reads_and_its_report_is_the_one_that_its_records_make()
    {
        var results = Directory.GetDirectories(Path.Combine(Trainharness.Repository, "results"));
        foreach (var result in results.Where(result => System.IO.File.Exists(Path.Combine(result, "study.yaml"))))
        {
            var copy = folder[Path.GetFileName(result)];
            Copy(result, copy);
            var run = await Trainharness.Run(folder.Path, "report", copy, "--json");
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal(System.IO.File.ReadAllText(Path.Combine(result, "report.md")), System.IO.File.ReadAllText(Path.Combine(copy, "report.md")));
            Assert.Equal(System.IO.File.ReadAllText(Path.Combine(result, "efficiency.csv")), System.IO.File.ReadAllText(Path.Combine(copy, "efficiency.csv")));
        }
    }

    private Dictionary<string, string> Records() => Directory
        .EnumerateFiles(folder["results/small"], "record.json", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .ToDictionary(file => file, System.IO.File.ReadAllText);

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            System.IO.File.Copy(file, target);
        }
    }
}
