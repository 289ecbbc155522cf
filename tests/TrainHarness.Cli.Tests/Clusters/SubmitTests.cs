using System.Globalization;
using TrainHarness.Cli.Clusters;
using TrainHarness.Protocol;
using TrainHarness.Training;

namespace TrainHarness.Cli.Tests.Clusters;

/// <summary>What is submitted of a study, where no Slurm is needed to see it.</summary>
public sealed class SubmitTests : IDisposable
{
    private const string File = "configs/studies/small.yaml";

    private static readonly string[] Submit = ["study", "submit", File, "--executor", "slurm", "--cluster", "ours"];

    private readonly WorkFolder folder = new();

    public SubmitTests() =>
        folder.Write(
            "configs/clusters/ours.yaml",
            """
            partition: gpu
            gpus_per_node: 1
            cpus_per_task: 4
            mem_gb: 31.5
            timeout_min: 240
            array_parallelism: 2
            setup: [ module load cuda ]
            additional_parameters: { comment: two words, exclusive: true }
            """
        );

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_dry_run_prints_the_scripts_and_the_trial_of_each_index_and_writes_nothing()
    {
        folder.Write(File, WorkFolder.Study.Replace("seeds: [1]", "seeds: [1, 2]", StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, [.. Submit, "--results", "my results", "--dry-run"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.False(Directory.Exists(folder["my results"]));
        Snapshot.Matches(
            "study-submit.txt",
            run.Output.Replace(folder.Path, "FOLDER", StringComparison.Ordinal)
                .Replace(Trainharness.Program, "trainharness", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(
        "cpus_per_task: 4",
        "cpus_per_task: 1",
        "--cluster: 'cpus_per_task' is 1, and a trial of small has 2 threads; allowed: as many, or more."
    )]
    [InlineData("gpus_per_node: 1", "gpus: 1", "ours.yaml:2:1: unknown key 'gpus' in ours.yaml; did you mean gpus_per_node? allowed:")]
    public async Task A_cluster_file_that_does_not_do_is_refused_in_one_line(string line, string other, string expected)
    {
        folder.Write(
            "configs/clusters/ours.yaml",
            System.IO.File.ReadAllText(folder["configs/clusters/ours.yaml"]).Replace(line, other, StringComparison.Ordinal)
        );
        var run = await Trainharness.Run(folder.Path, [.. Submit, "--dry-run"]);
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_Slurm_a_line_says_so_and_nothing_is_left_in_the_queue()
    {
        var run = await Trainharness.Run(folder.Path, [("PATH", folder["nothing"])], Submit);
        Assert.Equal((2, 1), (run.ExitCode, run.Error.Trim().Split('\n').Length));
        Assert.Contains("sbatch: cannot be started", run.Error, StringComparison.Ordinal);
        var status = await Trainharness.Run(folder.Path, "study", "status", File);
        Assert.Equal((0, ""), (status.ExitCode, status.Error));
    }

    [Fact]
    public void A_study_of_more_trials_than_an_array_may_have_is_several_arrays_which_follow_each_other_where_they_are_throttled()
    {
        var study = StudyReader.Read(Large(seeds: 1250), WorkloadCatalog.Shipped.Vocabularies);
        var free = Jobs(isThrottled: false);
        Assert.Equal(
            [
                "baseline 1001",
                "baseline-2 249",
                "trials 1001 after baseline, baseline-2",
                "trials-2 249 after baseline, baseline-2",
                "report 0 after baseline, baseline-2, trials, trials-2",
            ],
            free.Select(Line)
        );
        Assert.Equal(
            [
                "baseline 1001",
                "baseline-2 249 once baseline has ended",
                "trials 1001 after baseline, baseline-2",
                "trials-2 249 after baseline, baseline-2 once trials has ended",
                "report 0 after baseline, baseline-2, trials, trials-2",
            ],
            Jobs(isThrottled: true).Select(Line)
        );
        Assert.Equal(study.Trials.Select(trial => trial.Id), free.SelectMany(job => job.Trials).Select(trial => trial.Id));

        IReadOnlyList<PlannedJob> Jobs(bool isThrottled) =>
            StudyJobs.Of(study, [.. study.Trials], [], isTargetKnown: false, 1001, isThrottled);
        static string Line(PlannedJob job) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{job.Name} {job.Trials.Count}{(job.After.Planned.Count == 0 ? "" : " after ")}{string.Join(", ", job.After.Planned)}"
                    + $"{(job.After.Ended is { } ended ? $" once {ended} has ended" : "")}"
            );
    }

    [Fact]
    public void What_is_missing_waits_for_the_baseline_that_is_in_the_queue_already()
    {
        var study = StudyReader.Read(Large(seeds: 2), WorkloadCatalog.Shipped.Vocabularies);
        List<Trial> trials = [.. study.Trials];
        var jobs = StudyJobs.Of(study, trials[2..], [(trials[0], "12"), (trials[1], "12")], isTargetKnown: false, 1001, isThrottled: false);
        Assert.Equal(["trials", "report"], jobs.Select(job => job.Name));
        Assert.Equal(["12"], jobs[0].After.Queued);
        Assert.True(jobs[0].After.MustSucceed);
        Assert.Empty(StudyJobs.Of(study, [], [], isTargetKnown: false, 1001, isThrottled: false));
    }

    [Fact]
    public void A_task_of_a_study_that_was_changed_since_it_was_submitted_is_refused()
    {
        var study = StudyReader.Read(Large(seeds: 1), WorkloadCatalog.Shipped.Vocabularies);
        var trial = study.Trials.First();
        var manifest = new TrialManifest(
            "study.yaml",
            "results",
            null,
            "cpu",
            [new ManifestTrial(trial.Id, TrialFingerprint.Of(study, trial.Entry)), new ManifestTrial("gone/seed-1", "")]
        );
        Assert.Equal(trial, manifest.TrialAt(0, study));
        Assert.Contains("has no trial 'gone/seed-1' any more", Refused(manifest, 1, study), StringComparison.Ordinal);
        Assert.Contains("was changed since", Refused(manifest, 0, study with { EvaluateEveryExamples = 7 }), StringComparison.Ordinal);
        Assert.Contains("--index: 2 is out of range; allowed: 0 to 1.", Refused(manifest, 2, study), StringComparison.Ordinal);

        static string Refused(TrialManifest manifest, int index, Study study) =>
            Assert.Throws<Files.ConfigurationException>(() => manifest.TrialAt(index, study)).Message;
    }

    private string Large(int seeds)
    {
        folder.Write(
            File,
            WorkFolder.Study.Replace("seeds: [1]", $"seeds: [{string.Join(", ", Enumerable.Range(1, seeds))}]", StringComparison.Ordinal)
        );
        return folder[File];
    }
}
