using System.Globalization;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Commands;

public sealed class CollectResultsTests : IDisposable
{
    private const string Study = "configs/studies/small.yaml";
    private const string Baseline = "squeezenet1_1.small/seed-1";
    private const string Entry = "shufflenet_v2_x1_0.small/seed-1";

    private static readonly string Script = Path.Combine(Trainharness.Repository, "scripts/collect-results");

    private readonly WorkFolder here = new();
    private readonly WorkFolder there = new();

    public void Dispose()
    {
        here.Dispose();
        there.Dispose();
    }

    [Trait("Lane", "long")]
    [Fact]
    public async Task Records_that_one_machine_collected_let_another_go_on_with_the_trials_that_are_missing()
    {
        foreach (var machine in (WorkFolder[])[here, there])
            machine.Write(Study, WorkFolder.QuickStudy);
        Done(await Trainharness.Run(here.Path, "study", "run", Study, "--device", "cpu", "--trial", Baseline));
        here.Write($"results/small/{Entry}/checkpoint.bin", "what a trial leaves that is stopped");
        here.Write("results/small/figures/curve.png", "an image");

        Done(await Trainharness.Run(here.Path, "bash", [], [Script, "results/small", "small.tar.gz"]));
        Directory.CreateDirectory(there["results"]);
        Done(await Trainharness.Run(there.Path, "tar", [], ["-xzf", here["small.tar.gz"], "-C", "results"]));

        var record = await File.ReadAllTextAsync(there[$"results/small/{Baseline}/record.json"], TestContext.Current.CancellationToken);
        Assert.Equal(["evaluations.csv", "log.jsonl", "record.json"], Names(there[$"results/small/{Baseline}"]));
        Assert.Empty(Directory.GetFiles(there["results"], "*.png", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(there["results"], "checkpoint*", SearchOption.AllDirectories));
        var run = await Trainharness.Run(there.Path, "study", "run", Study, "--device", "cpu");
        Done(run);

        Assert.Equal(
            record,
            await File.ReadAllTextAsync(there[$"results/small/{Baseline}/record.json"], TestContext.Current.CancellationToken)
        );
        var store = new ResultStore(there["results/small"]);
        Assert.Equal(store.Read(Baseline)!.FinalMetric, store.Read(Entry)!.Record.Target.Threshold);
        Done(await Trainharness.Run(there.Path, "report", "results/small"));
        Assert.True(File.Exists(there["results/small/report.html"]));
    }

    [Fact]
    public async Task What_is_no_study_is_refused_in_one_line()
    {
        var refused = await Trainharness.Run(here.Path, "bash", [], [Script, "results", "small.tar.gz"]);
        Assert.Equal((2, "usage: collect-results FOLDER-OF-A-STUDY ARCHIVE.tar.gz\n"), (refused.ExitCode, refused.Error));
        Assert.False(File.Exists(here["small.tar.gz"]));
    }

    private static void Done(Trainharness run) =>
        Assert.True(run.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"{run.ExitCode}: {run.Error}"));

    private static string[] Names(string folder) =>
        [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
