using TrainHarness.Cli.Tests.Clusters;
using TrainHarness.Cli.Tests.Workloads;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Execution;

/// <summary>
/// Several trials at a time on one machine, by the real program. Trials pause in every step, so that four of them fit on two processors.
/// </summary>
[Trait("Lane", "long")]
public sealed class ParallelStudyTests : IDisposable
{
    private const string File = "configs/studies/parity.yaml";

    private static readonly string Study = ClusterStudy
        .FromBaseline.Replace("stop: at-schedule-end", "stop: at-target", StringComparison.Ordinal)
        .Replace("seeds: [1, 2]", "seeds: [1]", StringComparison.Ordinal);

    private readonly WorkFolder folder = new();

    public ParallelStudyTests()
    {
        folder.Write(File, Study);
        folder.Write("configs/recipes/small.yaml", ParityTests.Recipe);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Four_workers_lose_no_trial_and_those_that_start_before_the_target_is_known_are_charged_as_if_they_had_known_it()
    {
        folder.Write(File, Study.Replace("seeds: [1]", "seeds: [1, 2]", StringComparison.Ordinal));
        var alone = await Run(pause: 0, "--results", "alone");
        Assert.True(alone.ExitCode == 0, alone.Error);
        var early = await Run(pause: 25, "--per-device", "2", "--parallel", "4");
        Assert.True(early.ExitCode == 0, early.Output + early.Error);
        var (knew, late) = (new ResultStore(folder["alone/parity"]), new ResultStore(folder["results/parity"]));
        var trials = StudyReader.ReadResolved(knew.StudyFile).Trials.ToList();
        Assert.Equal(8, trials.Count);
        List<TrialResult> baseline = [.. trials.Take(2).Select(trial => late.Read(trial.Id)!)];
        // Two workers have the baseline, and the other two do not wait for it.
        Assert.True(
            trials
                .Skip(2)
                .Count(trial => baseline.TrueForAll(setting => late.Read(trial.Id)!.Record.Clocks.Started < setting.Record.Clocks.Finished))
                >= 2
        );
        foreach (var trial in trials.Skip(2))
        {
            var (one, other) = (knew.Read(trial.Id)!, late.Read(trial.Id)!);
            Assert.Equal(baseline.Max(setting => setting.FinalMetric), other.Record.Target.Threshold);
            Assert.Equal(
                (one.Record.Outcome, one.Record.Ledger, one.Record.Steps, one.Evaluations.Count),
                (other.Record.Outcome, other.Record.Ledger, other.Record.Steps, other.Evaluations.Count)
            );
            Assert.Equal(WithoutSeconds(one.Record), WithoutSeconds(other.Record));
        }

        // All take as many steps as the baseline, which sets its target with its last one: those that stop at it ran beyond.
        Assert.Contains(trials.Skip(2), trial => late.Read(trial.Id)!.Record.Beyond is { Examples: > 0 });
        Assert.DoesNotContain(trials, trial => knew.Read(trial.Id)!.Record.Beyond is not null);
    }

    [Fact]
    public async Task A_trial_whose_process_crashes_is_tried_once_more_from_its_checkpoint_and_the_others_are_untouched()
    {
        var alone = await Run(pause: 0, "--results", "alone", "--parallel", "2");
        Assert.True(alone.ExitCode == 0, alone.Error);
        using var program = RunningProgram.Start(
            folder,
            TestProgram.File,
            [(PatientParity.Variable, "15")],
            ["study", "run", File, "--device", "cpu", "--parallel", "2"]
        );
        var store = new ResultStore(folder["results/parity"]);
        var trial = await RunningProgram.HolderOf(store.TrialFolder("wide.small/seed-1"));
        while (!store.HasCheckpoint("wide.small/seed-1"))
            await Task.Delay(50, TestContext.Current.CancellationToken);
        await RunningProgram.SendUntilItEnds("ABRT", trial);
        Assert.True(await program.End() == 0, string.Join('\n', program.Errors));
        var output = await program.Output;
        Assert.Contains("wide.small/seed-1: aborted in native code (SIGABRT)", output, StringComparison.Ordinal);
        Assert.Contains("it is tried once more", output, StringComparison.Ordinal);
        Assert.Contains("wide.small/seed-1: goes on from step ", output, StringComparison.Ordinal);
        foreach (var other in StudyReader.ReadResolved(store.StudyFile).Trials)
        {
            var (one, here) = (new ResultStore(folder["alone/parity"]).Read(other.Id)!.Record, store.Read(other.Id)!.Record);
            Assert.Equal((one.Outcome, one.Ledger, one.Steps), (here.Outcome, here.Ledger, here.Steps));
        }
    }

    private static CrossingRecord? WithoutSeconds(TrialRecord record) =>
        record.Crossing is { } crossing ? crossing with { Seconds = 0 } : null;

    private Task<Trainharness> Run(int pause, params IEnumerable<string> more) =>
        Trainharness.Run(
            folder.Path,
            TestProgram.File,
            [(PatientParity.Variable, $"{pause}")],
            ["study", "run", File, "--device", "cpu", .. more]
        );
}
