using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Clusters;

/// <summary>A job with what the cluster is given of it.</summary>
/// <param name="Options">Of sbatch, besides those of the script; names of jobs in place of their numbers while those are not known.</param>
/// <param name="Manifest">Null for the report.</param>
internal sealed record ScriptedJob(PlannedJob Job, string Script, IReadOnlyList<string> Options, TrialManifest? Manifest);

/// <summary>Gives a study to Slurm: writes a script and a manifest for each job, and hands the scripts over in their order.</summary>
internal sealed class StudySubmission
{
    private readonly Study study;
    private readonly ResultStore store;
    private readonly StudyRequest request;
    private readonly Cluster cluster;
    private readonly MeasuredStudy measured;

    public StudySubmission(Study study, ResultStore store, StudyRequest request, Cluster cluster)
    {
        (this.study, this.store, this.request, this.cluster) = (study, store, request, cluster);
        measured = new MeasuredStudy(study, store);
        Folder = Submission.NextFolder(store);
    }

    /// <summary>Where scripts, manifests and logs lie.</summary>
    public string Folder { get; }

    /// <exception cref="ConfigurationException">The cluster would give a trial fewer processors than it has threads.</exception>
    public static void RequireProcessors(Study study, Cluster cluster)
    {
        if (cluster.CpusPerTask < study.Threads)
            throw new ConfigurationException(
                $"--cluster: 'cpus_per_task' is {cluster.CpusPerTask}, and a trial of {study.Name} has "
                    + $"{study.Threads} threads; allowed: as many, or more."
            );
    }

    /// <summary>The jobs of what is missing, with their scripts; nothing is written.</summary>
    /// <param name="besideQueued">Whether trials may be in the queue already, which are then left out.</param>
    /// <exception cref="ConfigurationException">Trials are in the queue.</exception>
    public async Task<IReadOnlyList<ScriptedJob>> Plan(bool besideQueued, CancellationToken cancellation)
    {
        var queued = await ClusterQueue.Of(study, store, cancellation);
        if (queued.Count > 0 && !besideQueued)
            throw new ConfigurationException(
                $"{study.Name}: is in the queue (job {string.Join(", ", queued.Select(task => task.Task.Job).Distinct())}); "
                    + "allowed: --missing, which submits what is neither done nor in the queue, or trainharness study cancel first."
            );
        var waiting = queued.Select(task => task.Trial).OfType<string>().ToHashSet();
        var done = measured.Results().Values.SelectMany(results => results).Select(result => result.Record.Id).ToHashSet();
        List<Trial> missing = [.. study.Trials.Where(trial => !done.Contains(trial.Id) && !waiting.Contains(trial.Id))];
        var trials = study.Trials.ToDictionary(trial => trial.Id);
        var jobs = StudyJobs.Of(
            study,
            missing,
            [
                .. queued
                    .Where(task => task.Trial is not null && trials.ContainsKey(task.Trial))
                    .Select(task => (trials[task.Trial!], task.Task.Id)),
            ],
            measured.Threshold() is not null,
            await Slurm.LongestArray(cancellation),
            cluster.ArrayParallelism is not null
        );
        var script = new SlurmScript(cluster, study.Name, study.Threads, Folder, Environment.CurrentDirectory, ThisProgram.Command);
        var fingerprints = study.AllEntries.ToDictionary(entry => entry.Name, entry => TrialFingerprint.Of(study, entry));
        return
        [
            .. jobs.Select(job => new ScriptedJob(
                job,
                job.Trials.Count > 0 ? script.OfTrials(job) : script.OfReport(job, store.Folder),
                Options(job, name => name.ToUpperInvariant()),
                job.Trials.Count > 0 ? Manifest(job, fingerprints) : null
            )),
        ];
    }

    /// <summary>Writes the study and the files of the jobs, and gives them to Slurm; all of them or none.</summary>
    /// <exception cref="IOException">Slurm refuses one.</exception>
    public async Task<Submission> Submit(IReadOnlyList<ScriptedJob> jobs, CancellationToken cancellation)
    {
        measured.WriteStudy();
        OwnSourceFiles.Write(store, study);
        var submission = new Submission("slurm", DateTimeOffset.UtcNow, []);
        try
        {
            foreach (var job in jobs)
            {
                if (job.Manifest is { } manifest)
                    AtomicFile.Write(Path.Combine(Folder, $"{job.Job.Name}.json"), ResultsJson.Write(manifest) + "\n");
                var script = Path.Combine(Folder, $"{job.Job.Name}.sh");
                AtomicFile.Write(script, job.Script);
                var ids = submission.Jobs.ToDictionary(given => given.Name, given => given.Id);
                var id = await Slurm.Submit(script, Options(job.Job, name => ids[name]), cancellation);
                submission = submission with { Jobs = [.. submission.Jobs, new SubmittedJob(job.Job.Name, id, job.Job.Trials.Count)] };
                // At once, so that what Slurm has can be cancelled whatever comes next.
                submission.Write(Folder);
            }
        }
        catch when (submission.Jobs.Count > 0)
        {
            await Slurm.Cancel([.. submission.Jobs.Select(job => job.Id)], CancellationToken.None);
            throw;
        }

        return submission;
    }

    private static IReadOnlyList<string> Options(PlannedJob job, Func<string, string> idOf)
    {
        var after = job.After;
        if (after.IsNone)
            return [];
        List<string> ids = [.. after.Planned.Select(idOf), .. after.Queued];
        string[] conditions =
        [
            .. ids.Count > 0 ? (string[])[$"{(after.MustSucceed ? "afterok" : "afterany")}:{string.Join(':', ids)}"] : [],
            .. after.Ended is { } ended ? (string[])[$"afterany:{idOf(ended)}"] : [],
        ];
        return
        [
            $"--dependency={string.Join(',', conditions)}",
            // What can never start leaves the queue.
            .. after.MustSucceed ? (string[])["--kill-on-invalid-dep=yes"] : [],
        ];
    }

    private TrialManifest Manifest(PlannedJob job, Dictionary<string, string> fingerprints) =>
        new(
            Path.GetFullPath(request.File),
            Path.GetFullPath(request.ResultsFolder),
            request.DataPath,
            request.Device,
            [.. job.Trials.Select(trial => new ManifestTrial(trial.Id, fingerprints[trial.Entry.Name]))]
        );
}
