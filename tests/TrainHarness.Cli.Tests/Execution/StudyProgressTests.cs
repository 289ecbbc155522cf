using TrainHarness.Cli.Execution;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;
using TrainHarness.Training.Engine;

namespace TrainHarness.Cli.Tests.Execution;

public sealed class StudyProgressTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(80, 24)]
    [InlineData(60, 15)]
    [InlineData(40, 10)]
    [InlineData(120, 40)]
    [InlineData(200, 8)]
    public void What_runs_is_always_to_be_seen_the_rest_is_counted_and_all_of_it_fits(int width, int height)
    {
        var study = Study();
        var progress = new StudyProgress(study, parallel: 2);
        List<Trial> trials = [.. study.Trials];
        Assert.Equal(48, trials.Count);
        foreach (var trial in trials.Take(21))
            End(progress, trial, "missed");
        progress.Enter(trials[21], TrialStage.Failed);
        // Of the baseline's entry, and of one that only this trial has run of so far.
        Run(progress, trials[22], seconds: 30);
        Run(progress, trials[24], seconds: 90);
        var lines = progress.Lines(width, height);
        Assert.InRange(lines.Count, 1, height);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.Equal(2, lines.Count(line => line.Contains("running", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains("seed-23", StringComparison.Ordinal));
        var text = string.Join(' ', lines.Select(line => line.Trim()));
        Assert.Contains("small: 48 trials, 21 done, 24 pending, 1 failed.", text, StringComparison.Ordinal);
        // 30 and 90 s of what runs, 100 s for the one left of the baseline, 23 × 190 s of the other entry: 4590 s, by two at a time.
        Assert.Contains("About 38:15 left.", text, StringComparison.Ordinal);
        Assert.Equal(width >= 60, lines.Any(line => line.Contains(" 0:30", StringComparison.Ordinal)));
        Assert.Equal(width >= 120, lines.Any(line => line.Contains(" 1234 ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(140)]
    public void One_table_has_all_trials_that_run_and_what_ended_last(int width)
    {
        var study = Study();
        var progress = new StudyProgress(study, parallel: 4);
        List<Trial> trials = [.. study.Trials];
        End(progress, trials[0], "completed");
        progress.Enter(trials[1], TrialStage.Failed);
        End(progress, trials[24], "diverged");
        progress.Enter(trials[25], new TrialStage("checkpointed", IsDone: false));
        Run(progress, trials[2], seconds: 30);
        Run(progress, trials[26], seconds: 5400);
        Run(progress, trials[3], seconds: 90);
        // It has said nothing yet.
        progress.Enter(trials[27], TrialStage.Running);
        Snapshot.Matches($"study-progress-{width}.txt", string.Join('\n', progress.Lines(width, height: 24)) + "\n");
    }

    [Fact]
    public void What_no_trial_has_told_the_time_of_is_said_to_be_left_out()
    {
        var study = Study();
        var progress = new StudyProgress(study, parallel: 1);
        Assert.Equal("", progress.Left());
        Run(progress, study.Trials.First(), seconds: 60);
        // 60 s of it, and 23 × (100 + 60) s of the other seeds.
        Assert.Equal("About 1:02:20 left, without 24 trials of entries that have not run yet.", progress.Left());
    }

    [Fact]
    public void More_trials_at_a_time_than_there_are_lines_leave_the_count()
    {
        var study = Study();
        var progress = new StudyProgress(study, parallel: 40);
        foreach (var trial in study.Trials.Take(40))
            Run(progress, trial, seconds: 30);
        var lines = progress.Lines(80, 23);
        Assert.InRange(lines.Count, 10, 23);
        Assert.Contains(lines, line => line.StartsWith("small: 48 trials, 0 done, 8 pending", StringComparison.Ordinal));
    }

    private Study Study()
    {
        var seeds = $"[{string.Join(',', Enumerable.Range(1, 24))}]";
        folder.Write("configs/studies/small.yaml", WorkFolder.Study.Replace("[1]", seeds, StringComparison.Ordinal));
        return StudyReader.Read(folder["configs/studies/small.yaml"], WorkloadCatalog.Shipped.Vocabularies);
    }

    private static void Run(StudyProgress progress, Trial trial, double seconds)
    {
        progress.Enter(trial, TrialStage.Running);
        progress.Progress(
            trial,
            new TrainingProgress(
                1.25,
                90,
                123_456,
                1234,
                new FlopRate(3.4e12),
                null,
                0.012,
                1.234,
                0.456,
                0.5,
                new Macs(118_013_952),
                100,
                seconds,
                3,
                IsEvaluation: true
            )
        );
    }

    private static void End(StudyProgress progress, Trial trial, string outcome)
    {
        progress.Enter(trial, TrialStage.Running);
        progress.Took(trial, new ClockRecord(80, 15, 5, default, default));
        progress.Enter(trial, new TrialStage(outcome, IsDone: true));
    }
}
