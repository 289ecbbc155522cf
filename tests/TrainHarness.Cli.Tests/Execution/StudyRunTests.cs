using System.Text.Json;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Tests.Execution;

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
        Assert.Equal(baseline.FinalMetric, Frozen(store));
        Assert.Equal(baseline.FinalMetric, answer.GetProperty("target").GetProperty("threshold").GetDouble());
        Assert.Equal(baseline.FinalMetric, entry.Record.Target.Threshold);
        if (OperatingSystem.IsLinux())
            Assert.Equal(MemoryAllocator.Tcmalloc is null ? "keep-freed-memory" : "tcmalloc", entry.Record.Environment.NativePaths[^1]);
        Assert.True(baseline.Record.Clocks.Finished <= entry.Record.Clocks.Started);
        Assert.Equal(1, answer.GetProperty("entries")[0].GetProperty("trials").GetInt32());
        foreach (
            var name in (string[])
                ["study.yaml", "efficiency.csv", "report.md", "resnet18.small/seed-1/log.jsonl", "resnet18.small/seed-1/evaluations.csv"]
        )
            Assert.True(System.IO.File.Exists(folder[$"results/small/{name}"]), name);
        var log = System
            .IO.File.ReadAllLines(store.LogFile("resnet18.small/seed-1"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        var evaluated = log.Where(line => line.TryGetProperty("Evaluation", out _)).ToList();
        Assert.NotEmpty(evaluated);
        Assert.All(evaluated, line =>
        {
            Assert.True(line.GetProperty("FlopsPerSecond").GetDouble() > 0);
            Assert.InRange(line.GetProperty("DataWaitShare").GetDouble(), 0, 1);
            // No data sheet says what a CPU of unknown clock can do.
            Assert.Equal(JsonValueKind.Null, line.GetProperty("PeakShare").ValueKind);
        });

        Assert.All(await States(), state => Assert.Contains(state, (string[])["reached", "missed"]));
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

    [Trait("Lane", "long")]
    [Fact]
    public async Task Trials_that_share_the_processors_end_as_those_that_run_one_after_the_other()
    {
        folder.Write(File, WorkFolder.QuickStudy.Replace("from: baseline", "atLeast: 0.5", StringComparison.Ordinal));
        Assert.Equal(0, (await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu", "--results", "alone")).ExitCode);
        var shared = await Trainharness.Run(
            folder.Path,
            "study",
            "run",
            File,
            "--device",
            "cpu",
            "--results",
            "shared",
            "--per-device",
            "2"
        );
        Assert.True(shared.ExitCode == 0, shared.Error);
        foreach (var trial in StudyReader.ReadResolved(folder["alone/small/study.yaml"]).Trials)
        {
            var (one, other) = (Record("alone", trial), Record("shared", trial));
            Assert.NotNull(one.WeightsSha256);
            Assert.Equal((one.WeightsSha256, one.Crossing?.First, one.Ledger), (other.WeightsSha256, other.Crossing?.First, other.Ledger));
            Assert.Equal((null, 2, null), (one.Clocks.TrialsPerDevice, other.Clocks.TrialsPerDevice, other.Joules));
        }

        TrialRecord Record(string results, Trial trial) => new ResultStore(folder[$"{results}/small"]).Read(trial.Id)!.Record;
    }

    [Theory]
    [InlineData("run")]
    [InlineData("plan")]
    public async Task A_precision_that_the_device_has_not_is_refused_in_one_line_and_nothing_is_written(string command)
    {
        var recipe = System.IO.File.ReadAllText(folder["configs/recipes/small.yaml"]);
        folder.Write("configs/recipes/small.yaml", recipe.Replace("precision: fp32", "precision: tf32", StringComparison.Ordinal));
        var refused = await Trainharness.Run(folder.Path, "study", command, File, "--device", "cpu");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(
            "small: 'precision: tf32' is a mode of NVIDIA GPUs; allowed on cpu: fp32, bf16.",
            refused.Error,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(folder["results"]));
    }

    [Fact]
    public async Task A_trial_that_diverges_says_what_was_not_finite_and_is_a_result()
    {
        folder.Write(
            File,
            WorkFolder.QuickStudy.Replace("[ shufflenet_v2_x1_0.small ]", "[ squeezenet1_1.small.lr-1000 ]", StringComparison.Ordinal)
        );
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"squeezenet1_1\.small\.lr-1000/seed-1: diverged: .+ at step \d+ is not finite", run.Output);
        var record = new ResultStore(folder["results/small"]).Read("squeezenet1_1.small.lr-1000/seed-1")!.Record;
        Assert.Equal(Outcome.Diverged, record.Outcome);
        Assert.Contains(record.Divergence!, run.Output, StringComparison.Ordinal);
        Assert.Contains("diverged", System.IO.File.ReadAllText(folder["results/small/report.md"]), StringComparison.Ordinal);
        Assert.Contains("diverged", await States());
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_seed_that_is_added_later_runs_alone_and_leaves_the_target_as_it_was()
    {
        var first = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(first.ExitCode == 0, first.Error);
        var store = new ResultStore(folder["results/small"]);
        var (threshold, written) = (Frozen(store), Records());
        folder.Write(File, WorkFolder.Study.Replace("seeds: [1]", "seeds: [1, 2]", StringComparison.Ordinal));
        var second = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal(threshold, Frozen(store));
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
        Assert.Contains("shufflenet_v2_x1_0.small/seed-1   ended with exit status 1: ", second.Error, StringComparison.Ordinal);
        Assert.Contains(folder["results/small/shufflenet_v2_x1_0.small/seed-1/log.jsonl"], second.Error, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(folder["results/small/report.md"]));
        Assert.Equal(["reached", "pending"], await States());
    }

    [Fact]
    public async Task A_baseline_that_fails_is_in_the_table_too_and_nothing_else_can_run()
    {
        folder.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
        folder.Write("results/small/squeezenet1_1.small", "in the way");
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("squeezenet1_1.small/seed-1   ended with exit status 1: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("shufflenet", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_that_cannot_be_written_are_refused_in_one_line_before_anything_runs()
    {
        Assert.SkipUnless(Directory.Exists("/proc"), "needs a folder that nobody can write to");
        var run = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu", "--results", "/proc/results");
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("--results: /proc/results/small cannot be written (", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_status_is_read_off_the_files_and_changes_none()
    {
        Assert.Equal(["pending", "pending"], await States());
        Assert.False(Directory.Exists(folder["results"]));
        folder.Write(
            "results/small/resnet18.small/seed-1/log.jsonl",
            "{\"@t\":\"2026-01-01\"}\n{\"@t\":\"2026-01-01\",\"@l\":\"Error\",\"@mt\":\"failed\"}\n"
        );
        Assert.Equal(["failed", "pending"], await States());
        using (TrialLock.Take(folder["results/small/resnet18.small/seed-1"]))
            Assert.Equal(["running", "pending"], await States());
        folder.Write("results/small/resnet18.small/seed-1/checkpoint.bin", "something");
        Assert.Equal(["failed", "pending"], await States());
        System.IO.File.Delete(folder["results/small/resnet18.small/seed-1/log.jsonl"]);
        Assert.Equal(["checkpointed", "pending"], await States());
    }

    [Fact]
    public void Every_shipped_study_is_understood()
    {
        var files = Directory.GetFiles(Path.Combine(Trainharness.Repository, "configs", "studies"), "*.yaml");
        Assert.NotEmpty(files);
        Assert.All(files, file =>
            Assert.Equal(Path.GetFileNameWithoutExtension(file), StudyReader.Read(file, WorkloadCatalog.Shipped.Vocabularies).Name)
        );
    }

    [Theory]
    [InlineData("protocol-1/imagenette-96-cpu")]
    [InlineData("protocol-1/imagenette-96-cpu-scan")]
    [InlineData("protocol-1/imagenette-smoke")]
    [InlineData("protocol-1/quickstart-scan")]
    [InlineData("protocol-1/quickstart-seeds")]
    [InlineData("quickstart-seeds")]
    [InlineData("nanogpt-cpu")]
    [InlineData("multi30k-en-fr-smoke")]
    [InlineData("hex-5x5-cpu")]
    public async Task A_committed_result_still_reads_and_its_report_is_the_one_that_its_records_make(string study)
    {
        // A report tells of the study's scan, which lies beside it.
        foreach (
            var name in new[] { study, study + "-scan" }.Where(name =>
                Directory.Exists(Path.Combine(Trainharness.Repository, "results", name))
            )
        )
            Copy(Path.Combine(Trainharness.Repository, "results", name), folder[$"results/{name}"]);
        var run = await Trainharness.Run(folder.Path, "report", $"results/{study}/", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        string[] names = study.EndsWith("-cpu-scan", StringComparison.Ordinal) ? ["report.md"] : ["report.md", "efficiency.csv"];
        foreach (var name in names)
            Assert.Equal(
                System.IO.File.ReadAllText(Path.Combine(Trainharness.Repository, "results", study, name)),
                System.IO.File.ReadAllText(folder[$"results/{study}/{name}"])
            );
    }

    // Nobody says where the sentences lie, which its data would need.
    [Fact]
    public async Task A_study_that_is_done_is_reported_without_its_data()
    {
        foreach (var name in (string[])["multi30k-en-fr-smoke", "multi30k-en-fr-smoke-scan"])
            Copy(Path.Combine(Trainharness.Repository, "results", name), folder[$"results/{name}"]);
        System.IO.File.Delete(folder["results/multi30k-en-fr-smoke/report.md"]);
        var file = Path.Combine(Trainharness.Repository, "configs", "studies", "multi30k-en-fr-smoke.yaml");
        var run = await Trainharness.Run(folder.Path, "study", "run", file);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("Every trial is done; the report is drawn anew.", run.Output, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(folder["results/multi30k-en-fr-smoke/report.md"]));
        // One trial less, and they are needed again.
        Directory.Delete(Directory.GetDirectories(folder["results/multi30k-en-fr-smoke"], "rnnsearch*")[0], recursive: true);
        var missing = await Trainharness.Run(folder.Path, "study", "run", file);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("nobody says where it lies; allowed: --data FOLDER", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_learning_rate_of_the_photographs_baseline_is_the_best_of_its_committed_scan_and_inside_the_grid()
    {
        var study = StudyReport("protocol-1/imagenette-96-cpu");
        var scanned = study.Analysed.Scan!.For(study.Analysed.Study.Baseline)!;
        Assert.Equal(study.Analysed.Results[study.Analysed.Study.Baseline.Name][0].Record.Start.LearningRate, scanned.Best);
        Assert.Equal((6, false), (scanned.Rates.Count, scanned.IsAtEdge));
    }

    [Fact]
    public void The_learning_rate_of_the_quickstart_is_the_best_of_its_committed_scan()
    {
        var scan = StudyReport("protocol-1/quickstart-scan");
        var best = scan.Analysed.Summary.Entries.MaxBy(entry => entry.FinalMetric)!;
        Assert.Equal(5, scan.Analysed.Summary.Entries.Count(entry => entry is { Trials: 1, Diverged: 0 }));
        var quickstart = StudyReader.ReadResolved(Path.Combine(Trainharness.Repository, "configs", "studies", "quickstart.yaml"));
        var scanned = scan.Analysed.Study.AllEntries.Single(entry => entry.Name == best.Entry).StartFor(hasBatchNormalisation: false);
        Assert.Equal(scanned, quickstart.Baseline.StartFor(hasBatchNormalisation: false));
        Assert.Equal(
            quickstart.Baseline.Recipe with
            {
                Plain = scan.Analysed.Study.Baseline.Recipe.Plain,
            },
            scan.Analysed.Study.Baseline.Recipe,
            new RecipeText()
        );
    }

    [Fact]
    public void Other_seeds_of_the_quickstart_give_similar_not_identical_factors()
    {
        var seeds = StudyReport("protocol-1/quickstart-seeds");
        var entry = seeds.Analysed.Summary.Entries.Single(entry => entry.Architecture == "shufflenet_v2_x1_0");
        Assert.Equal((3, 3), (entry.Reached, entry.Trials));
        Assert.True(entry.Low > 1 && entry.High < 2 * entry.ReductionFactor, $"{entry.ReductionFactor} from {entry.Low} to {entry.High}");
        var curves = seeds
            .Analysed.Results[entry.Entry]
            .Select(trial => string.Join(' ', trial.Evaluations.Select(evaluation => evaluation.Loss)));
        Assert.Equal(3, curves.Distinct().Count());
    }

    private static Reports.StudyReport StudyReport(string study) =>
        Reports.StudyReport.Read(new ResultStore(Path.Combine(Trainharness.Repository, "results", study)));

    private sealed class RecipeText : IEqualityComparer<Recipe>
    {
        public bool Equals(Recipe? x, Recipe? y) => ResultsJson.Write(x) == ResultsJson.Write(y);

        public int GetHashCode(Recipe obj) => 0;
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_baseline_that_is_measured_anew_sets_a_new_target_and_trials_against_the_old_one_are_refused()
    {
        var first = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(first.ExitCode == 0, first.Error);
        var store = new ResultStore(folder["results/small"]);
        var entry = store.Read("shufflenet_v2_x1_0.small/seed-1")!;
        // As if it had run against the target of another baseline, which it reached at once.
        var crossing = CrossingRecord.From(
            Crossing.Find([.. entry.Evaluations.Select(evaluation => evaluation.Metrics["top1"])], 0, entry.Record.Metric),
            entry.Evaluations
        );
        store.Write(
            entry.Record with
            {
                Target = entry.Record.Target with { Threshold = 0 },
                Outcome = Outcome.Reached,
                Crossing = crossing,
            },
            entry.Evaluations
        );
        var second = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.Equal(2, second.ExitCode);
        Assert.Contains("measured against another target", second.Error, StringComparison.Ordinal);

        // Without its baseline the frozen threshold is nobody's: the baseline runs first again.
        Directory.Delete(folder["results/small/resnet18.small"], recursive: true);
        Directory.Delete(folder["results/small/shufflenet_v2_x1_0.small"], recursive: true);
        System.IO.File.WriteAllText(
            store.StudyFile,
            System.IO.File.ReadAllText(store.StudyFile).Replace("threshold: ", "threshold: 0.0", StringComparison.Ordinal)
        );
        var third = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(third.ExitCode == 0, third.Error);
        Assert.Equal(store.Read("resnet18.small/seed-1")!.FinalMetric, Frozen(store));
    }

    [Fact]
    public async Task A_trial_alone_answers_with_its_record_and_two_processes_never_run_the_same_trial()
    {
        var trial = folder["results/small/resnet18.small/seed-1"];
        Directory.CreateDirectory(trial);
        string[] arguments = ["study", "run", File, "--device", "cpu", "--trial", "resnet18.small/seed-1", "--json"];
        using (TrialLock.Take(trial))
        {
            var refused = await Trainharness.Run(folder.Path, arguments);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(
                $"process {Environment.ProcessId} on {Environment.MachineName} is running this trial",
                refused.Error,
                StringComparison.Ordinal
            );
        }

        var run = await Trainharness.Run(folder.Path, arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("completed", JsonDocument.Parse(run.Output).RootElement.GetProperty("outcome").GetString());
        Assert.Equal(["evaluations.csv", "log.jsonl", "record.json"], Directory.GetFiles(trial).Select(Path.GetFileName).Order());
    }

    private async Task<IEnumerable<string?>> States()
    {
        var run = await Trainharness.Run(folder.Path, "study", "status", File, "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument
            .Parse(run.Output)
            .RootElement.GetProperty("trials")
            .EnumerateArray()
            .Select(trial => trial.GetProperty("state").GetString());
    }

    private static double? Frozen(ResultStore store) => StudyReader.ReadResolved(store.StudyFile).Target.Threshold;

    private Dictionary<string, string> Records() =>
        Directory
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
