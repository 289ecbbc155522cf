using System.Text.Json;
using TrainHarness.Cli.Clusters;
using TrainHarness.Cli.Tests.Workloads;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>Tasks that nothing orders, as those of Kubernetes: one may come to its end before the baseline has begun.</summary>
[Trait("Lane", "long")]
public sealed class TrialTaskTests : IDisposable
{
    private const string File = "configs/studies/parity.yaml";

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_task_that_comes_to_its_end_before_the_baseline_waits_for_the_target_and_is_judged()
    {
        var store = Submit();
        using var early = Start(1);
        await UntilItsScheduleIsOver(store, "narrow.small/seed-1");
        using var baseline = Start(0);
        Assert.True(await baseline.End() == 0, string.Join('\n', baseline.Errors));
        Assert.True(await early.End() == 0, string.Join('\n', early.Errors));
        var said = await early.Output;
        Assert.Contains(
            "narrow.small/seed-1: has come to the end of its schedule and waits for its target",
            said,
            StringComparison.Ordinal
        );
        var (setting, judged) = (store.Read("wide.small/seed-1")!, store.Read("narrow.small/seed-1")!);
        Assert.Equal((Outcome.Completed, setting.FinalMetric), (setting.Record.Outcome, judged.Record.Target.Threshold));
        Assert.Contains(judged.Record.Outcome, (Outcome[])[Outcome.Reached, Outcome.Missed]);
        Assert.False(store.HasCheckpoint("narrow.small/seed-1"));
    }

    [Fact]
    public async Task Where_the_baseline_diverges_a_task_that_waits_is_refused_and_not_tried_again()
    {
        var store = Submit();
        using var baseline = Start(0);
        Assert.True(await baseline.End() == 0, string.Join('\n', baseline.Errors));
        var setting = store.Read("wide.small/seed-1")!;
        store.Write(setting.Record with { Outcome = Outcome.Diverged, Divergence = "the training loss" }, setting.Evaluations);
        // The target was frozen beside the record.
        System.IO.File.Delete(store.StudyFile);
        using var task = Start(1);
        // Which Kubernetes takes for a failure that another try does not mend.
        Assert.Equal(2, await task.End());
        Assert.Contains(task.Errors, line =>
            line.StartsWith("narrow.small/seed-1: has no target, as wide.small/seed-1 diverged; allowed: ", StringComparison.Ordinal)
        );
    }

    private RunningProgram Start(int index) =>
        RunningProgram.Start(
            folder,
            TestProgram.File,
            [(PatientParity.Variable, "0"), ("JOB_COMPLETION_INDEX", $"{index}")],
            ["study", "task", "trials.json"]
        );

    private static async Task UntilItsScheduleIsOver(ResultStore store, string trial)
    {
        const string sign = "end of its schedule";
        while (!System.IO.File.Exists(store.LogFile(trial)) || !await Says())
            await Task.Delay(50, TestContext.Current.CancellationToken);

        async Task<bool> Says()
        {
            await using var log = new FileStream(store.LogFile(trial), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(log);
            return (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Contains(sign, StringComparison.Ordinal);
        }
    }

    private ResultStore Submit()
    {
        folder.Write("configs/recipes/small.yaml", ParityTests.Recipe);
        folder.Write(
            File,
            ParityTests
                .Study.Replace("atMost: 0.05", "from: baseline", StringComparison.Ordinal)
                .Replace("1.0e-9", "5", StringComparison.Ordinal)
        );
        var study = StudyReader.Read(folder[File], WorkloadCatalog.Shipped.With(new Parity()).Vocabularies);
        var manifest = new TrialManifest(
            folder[File],
            folder["results"],
            null,
            "cpu",
            [.. study.Trials.Select(trial => new ManifestTrial(trial.Id, TrialFingerprint.Of(study, trial.Entry)))]
        );
        folder.Write("trials.json", JsonSerializer.Serialize(manifest, ResultsJson.Options));
        return new ResultStore(folder["results/parity"]);
    }
}
