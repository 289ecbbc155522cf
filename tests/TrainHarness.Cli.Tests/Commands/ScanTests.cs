using System.Text.Json;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Commands;

public sealed class ScanTests : IDisposable
{
    private const string File = "configs/studies/small.yaml";

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Trait("Lane", "long")]
    [Fact]
    public async Task A_scan_tries_every_entry_with_every_rate_records_the_compute_and_leaves_the_study_to_run()
    {
        folder.Write(File, WorkFolder.Study + "\nscan: { learningRates: [0.01, 0.05], epochs: 1, trainFraction: 0.5 }\n");
        var scan = await Trainharness.Run(folder.Path, "study", "scan", File, "--device", "cpu", "--json");
        Assert.True(scan.ExitCode == 0, scan.Error);
        var answer = JsonDocument.Parse(scan.Output).RootElement;
        Assert.Equal(
            ["resnet18.small", "shufflenet_v2_x1_0.small"],
            answer.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("entry").GetString())
        );
        Assert.Equal("small", answer.GetProperty("scanOf").GetString());

        var store = new ResultStore(folder["results/small-scan"]);
        string[] ids =
        [
            "resnet18.small.lr-0.01/seed-1",
            "resnet18.small.lr-0.05/seed-1",
            "shufflenet_v2_x1_0.small.lr-0.01/seed-1",
            "shufflenet_v2_x1_0.small.lr-0.05/seed-1",
        ];
        var records = ids.Select(id => store.Read(id)!.Record).ToList();
        // Half of 3 × 40 examples, once.
        Assert.All(records, record => Assert.Equal((60, Outcome.Completed), (record.Examples, record.Outcome)));
        Assert.Equal(
            records
                .Aggregate(UInt128.Zero, (sum, record) => sum + record.Ledger.Training.Count)
                .ToString(System.Globalization.CultureInfo.InvariantCulture),
            answer.GetProperty("trainingMacs").GetRawText()
        );
        Assert.Contains(
            "one grid for all entries",
            System.IO.File.ReadAllText(folder["results/small-scan/report.md"]),
            StringComparison.Ordinal
        );

        // A rate that is added later runs alone.
        var written = System.IO.File.GetLastWriteTimeUtc(folder[$"results/small-scan/{ids[0]}/record.json"]);
        folder.Write(File, WorkFolder.Study + "\nscan: { learningRates: [0.005, 0.01, 0.05], epochs: 1, trainFraction: 0.5 }\n");
        var wider = await Trainharness.Run(folder.Path, "study", "scan", File, "--device", "cpu");
        Assert.True(wider.ExitCode == 0, wider.Error);
        Assert.Equal(written, System.IO.File.GetLastWriteTimeUtc(folder[$"results/small-scan/{ids[0]}/record.json"]));
        Assert.NotNull(store.Read("resnet18.small.lr-0.005/seed-1"));

        var again = await Trainharness.Run(folder.Path, "report", "results/small-scan");
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Contains("resnet18.small: best at resnet18.small.lr-", again.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["results/small"]));

        // 0.02 is none of the grid.
        var plan = await Trainharness.Run(folder.Path, "study", "plan", File, "--device", "cpu");
        Assert.Matches("resnet18[.]small(:| is about to run at) .*learning rate,? 0.02", plan.Error);
    }

    [Fact]
    public async Task A_study_without_a_grid_cannot_be_scanned_and_is_told_how_to_write_one()
    {
        var run = await Trainharness.Run(folder.Path, "study", "scan", File, "--device", "cpu");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            "has no 'scan'; allowed: scan: { learningRates:",
            Assert.Single(run.Error.Trim().Split('\n')),
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(folder["results"]));
    }

    [Fact]
    public async Task A_plan_lists_the_trials_with_what_they_cost_at_most_and_writes_nothing()
    {
        var run = await Trainharness.Run(folder.Path, "study", "plan", File, "--device", "cpu", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var plan = JsonDocument.Parse(run.Output).RootElement;
        var trials = plan.GetProperty("trials").EnumerateArray().ToList();
        Assert.Equal(
            ["resnet18.small/seed-1", "shufflenet_v2_x1_0.small/seed-1"],
            trials.Select(trial => trial.GetProperty("id").GetString())
        );
        Assert.All(trials, trial => Assert.True(trial.GetProperty("secondsAtMost").GetDouble() > 0));
        // 3 classes × 40 examples, twice; labels of 4 bytes and 3 × 32 × 32 pixels for 120 + 30 examples, behind a header.
        Assert.All(trials, trial => Assert.Equal(240, trial.GetProperty("examplesAtMost").GetInt64()));
        Assert.InRange(plan.GetProperty("packBytes").GetInt64(), 150 * (4 + 3072), (150 * (4 + 3072)) + 4096);
        Assert.False(plan.GetProperty("packIsReady").GetBoolean());
        Assert.False(Directory.Exists(folder["results"]));
        Assert.False(Directory.Exists(folder["cache/datasets"]));

        // The baseline runs its schedule to the end, and so spends what was planned.
        var study = await Trainharness.Run(folder.Path, "study", "run", File, "--device", "cpu");
        Assert.True(study.ExitCode == 0, study.Error);
        var spent = new ResultStore(folder["results/small"]).Read("resnet18.small/seed-1")!.Record.Ledger;
        Assert.Equal(spent.Training.ToString(), trials[0].GetProperty("trainingMacsAtMost").GetRawText());
        Assert.Equal(spent.Evaluation.ToString(), trials[0].GetProperty("evaluationMacsAtMost").GetRawText());
        var after = await Trainharness.Run(folder.Path, "study", "plan", File, "--device", "cpu", "--json");
        Assert.Equal("0", JsonDocument.Parse(after.Output).RootElement.GetProperty("trainingMacsAtMost").GetRawText());
    }
}
