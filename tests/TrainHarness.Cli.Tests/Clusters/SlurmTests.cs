namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>
/// Studies on a real Slurm: each ends with the records of <c>study run</c> on one machine, whatever happens to its tasks.
/// </summary>
[Trait("Lane", "long")]
[Collection(nameof(PretendCluster))]
public sealed class SlurmTests : IDisposable
{
    private readonly PretendCluster cluster;
    private readonly List<ClusterStudy> studies = [];

    public SlurmTests(PretendCluster cluster)
    {
        Assert.SkipUnless(PretendCluster.Missing is null, $"No Slurm here: {PretendCluster.Missing}");
        this.cluster = cluster;
    }

    public void Dispose()
    {
        cluster?.Run("scancel", "--user=root");
        studies.ForEach(study => study.Dispose());
    }

    [Fact]
    public async Task Eight_trials_run_three_at_a_time_on_four_gpus_the_baseline_first_and_end_as_on_one_machine()
    {
        var study = Study(milliseconds: 10).Of(ClusterStudy.FromBaseline);
        var jobs = await study.Submit();
        Assert.Equal(["baseline", "trials", "report"], jobs.Select(job => job.Name));
        Assert.Equal(["wide.small/seed-1", "wide.small/seed-2"], jobs[0].Trials);
        Assert.Equal(6, jobs[1].Trials.Count);
        // What is put back into the queue still has all others wait, and releases them when it has ended.
        await study.Until(() => study.StateOf(jobs[0], 0) == "RUNNING");
        cluster.Run("scontrol", "requeue", $"{jobs[0].Id}_0");
        // What waits for the baseline is said beside the state that the files have.
        Assert.Contains(await study.Status(), row =>
            (row.Id, row.State) == (jobs[1].Trials[0], "pending")
            && row.Job!.StartsWith($"{jobs[1].Id}_0 PENDING", StringComparison.Ordinal)
        );
        await study.UntilAllEnd(jobs[0]);
        Assert.Contains("restart 1", study.Log(jobs[0], 0), StringComparison.Ordinal);
        var running = 0;
        await study.Until(() =>
        {
            running = Math.Max(
                running,
                cluster.Run("squeue", "--noheader", "--states=RUNNING", $"--jobs={jobs[1].Id}").Count(letter => letter == '\n')
            );
            return study.IsThere("report.md");
        });
        Assert.Equal(3, running);
        Assert.Matches("GPU [01] of n[12], restart 0", study.Log(jobs[0], 1));
        Assert.All(jobs[1].Trials, trial => Assert.True(study.Store.Read(trial)!.Record.Clocks.Started > BaselineEnded()));
        Assert.All(await study.Status(), row => Assert.Contains(row.State, (string[])["reached", "missed"]));
        await study.RequireTheRecordsOfOneMachine();
        // They are done; nothing is submitted twice.
        Assert.Empty(await study.Submit("--missing"));

        DateTimeOffset BaselineEnded() => jobs[0].Trials.Max(trial => study.Store.Read(trial)!.Record.Clocks.Finished);
    }

    [Fact]
    public async Task Tasks_on_all_four_gpus_that_are_requeued_or_suspended_or_whose_time_is_up_go_on_and_end_as_on_one_machine()
    {
        // Slurm tells a task twenty to fifty seconds after it began, which is before its trial can have ended.
        var limited = Study(milliseconds: 190).Of(ClusterStudy.GivenTarget("[ narrow.small ]"), "timeout_min: 1\nsignal_delay_s: 10");
        var study = Study(milliseconds: 80).Of(ClusterStudy.GivenTarget("[ narrow.small ]"));
        var job = (await study.Submit())[0];
        // Last, so that all four run at once for as long as can be.
        var ofLimited = (await limited.Submit())[0];
        Assert.Equal(["wide.small/seed-1", "narrow.small/seed-1"], job.Trials);
        await study.Until(() => job.Trials.All(study.Store.HasCheckpoint) && ofLimited.Trials.All(limited.Store.HasCheckpoint));
        Assert.Equal(
            ["n1 0", "n1 1", "n2 0", "n2 1"],
            ofLimited
                .Indices.Select(index => limited.PlaceOf(ofLimited, index))
                .Concat(job.Indices.Select(index => study.PlaceOf(job, index)))
                .Order(StringComparer.Ordinal)
        );
        cluster.Run("scontrol", "requeue", $"{job.Id}_0");
        cluster.Run("scontrol", "suspend", $"{job.Id}_1");
        await Task.Delay(3000, TestContext.Current.CancellationToken);
        Assert.Contains(await study.Status(), row => row.Job?.StartsWith($"{job.Id}_1 SUSPENDED", StringComparison.Ordinal) == true);
        cluster.Run("scontrol", "resume", $"{job.Id}_1");
        await study.UntilAllEnd(job);
        Assert.Contains("restart 1", study.Log(job, 0), StringComparison.Ordinal);
        Assert.Contains($"{job.Trials[0]}: goes on from step ", study.Log(job, 0), StringComparison.Ordinal);
        Assert.InRange(study.Store.Read(job.Trials[1])!.Record.Clocks.SuspendedSeconds!.Value, 2, 60);
        await study.RequireTheRecordsOfOneMachine();

        await limited.UntilAllEnd(ofLimited);
        foreach (var (index, trial) in ofLimited.Trials.Index())
        {
            var log = limited.Log(ofLimited, index);
            Assert.Contains($"{trial}: its time is up; it goes on from its checkpoint when it runs again", log, StringComparison.Ordinal);
            Assert.Contains("restart 1", log, StringComparison.Ordinal);
            Assert.Contains($"{trial}: goes on from step ", log, StringComparison.Ordinal);
        }

        await limited.RequireTheRecordsOfOneMachine();
    }

    [Fact]
    public async Task Trials_of_a_node_that_dies_go_on_elsewhere_and_those_of_one_that_is_only_lost_are_not_run_twice()
    {
        var study = Study(milliseconds: 200).Of(ClusterStudy.GivenTarget("[ narrow.small, wide.small.lr-0.02 ]"));
        var job = (await study.Submit())[0];
        await study.Until(() => job.Trials.All(study.Store.HasCheckpoint));
        var onLost = job.Indices.Where(index => cluster.Field($"{job.Id}_{index}", "NodeList") == "n1").ToList();
        Assert.NotEmpty(onLost);
        Assert.NotEqual(job.Trials.Count, onLost.Count);
        cluster.Lose("n1", withItsJobs: false);
        cluster.Lose("n2", withItsJobs: true);
        await study.Until(() => job.Indices.All(index => study.StateOf(job, index) == "PENDING"));
        cluster.Restore("n2");
        await study.UntilAllEnd(job);
        cluster.Restore("n1");
        Assert.Contains(onLost, index => study.Log(job, index).Contains("this task takes over when that ends", StringComparison.Ordinal));
        Assert.All(job.Indices.Except(onLost), index =>
            Assert.Contains("goes on from step ", study.Log(job, index), StringComparison.Ordinal)
        );
        await study.RequireTheRecordsOfOneMachine();
    }

    [Fact]
    public async Task What_failed_and_what_was_cancelled_is_submitted_again_by_missing()
    {
        var study = Study(milliseconds: 300).Of(ClusterStudy.FromBaseline);
        // The trial's folder cannot be made where a file stands.
        study.Write("results/parity/wide.small", "in the way");
        var failed = await study.Submit();
        await study.Until(() => cluster.Field(failed[2].Id, "JobState") is "COMPLETED" or "FAILED");
        Assert.All(failed[0].Indices, index => Assert.Equal("FAILED", study.StateOf(failed[0], index)));
        // They cannot start without a target.
        Assert.All(failed[1].Indices, index => Assert.Equal("CANCELLED", study.StateOf(failed[1], index)));
        Assert.All(await study.Status(), row => Assert.Equal(("pending", null), (row.State, row.Job)));
        study.Delete("results/parity/wide.small");

        var again = await study.Submit("--missing");
        Assert.Equal(failed.Select(job => job.Trials.Count), again.Select(job => job.Trials.Count));
        await study.Until(() => again[0].Trials.All(study.Store.HasCheckpoint));
        var twice = await study.TrySubmit();
        Assert.Equal(
            (2, $"parity: is in the queue (job {string.Join(", ", again.Select(job => job.Id))})"),
            (twice.ExitCode, twice.Error.Split(';')[0])
        );
        Assert.Empty(await study.Submit("--missing"));
        Assert.Equal(again.Select(job => job.Id), await study.Cancel());
        await study.Until(() => again[0].Indices.All(index => study.StateOf(again[0], index) == "CANCELLED"));
        await study.Until(() => again[0].Trials.All(trial => Results.TrialLock.HolderOf(study.Store.TrialFolder(trial)) is null));
        Assert.Equal(2, (await study.Status()).Count(row => (row.State, row.Job) == ("checkpointed", null)));

        study.Pause = 0;
        var last = await study.Submit("--missing");
        await study.Until(() => cluster.Field(last[2].Id, "JobState") == "COMPLETED");
        await study.RequireTheRecordsOfOneMachine();
    }

    private ClusterStudy Study(int milliseconds)
    {
        studies.Add(new ClusterStudy(cluster, milliseconds));
        return studies[^1];
    }
}
