using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Clusters;

/// <summary>A task of a study in the queue of its cluster.</summary>
/// <param name="Trial">Null for the report.</param>
internal sealed record StudyTask(string? Trial, QueuedTask Task);

/// <summary>What of a study is in the queue: the numbers that its submissions wrote down, beside what Slurm says of them.</summary>
internal static class ClusterQueue
{
    /// <summary>Nobody is asked where nothing was submitted.</summary>
    /// <exception cref="IOException">Slurm does not answer.</exception>
    /// <exception cref="Files.ConfigurationException">There is no Slurm here, or a submission cannot be read.</exception>
    public static async Task<IReadOnlyList<StudyTask>> Of(Study study, ResultStore store, CancellationToken cancellation)
    {
        var jobs = new Dictionary<string, (string Folder, SubmittedJob Job)>();
        foreach (var (folder, submission) in Submission.All(store))
        {
            foreach (var job in submission.Jobs)
                jobs[job.Id] = (folder, job);
        }

        if (jobs.Count == 0)
            return [];
        var queued = (await Slurm.Queued(jobs.Keys, cancellation)).Where(task => jobs.ContainsKey(task.Job));
        var manifests = new Dictionary<string, TrialManifest>();
        // A cluster that was set up anew counts from 1 again, so that a number alone may be that of somebody else's job.
        return
        [
            .. queued
                .Where(task => task.Name == SlurmScript.NameOf(study.Name, jobs[task.Job].Job.Name))
                .OrderBy(task => task.Job.Length)
                .ThenBy(task => task.Job, StringComparer.Ordinal)
                .ThenBy(task => task.Index)
                .Select(task => new StudyTask(TrialOf(task), task)),
        ];

        string? TrialOf(QueuedTask task)
        {
            var known = jobs[task.Job];
            if (task.Index is not { } index || known.Job.Trials <= index)
                return null;
            if (!manifests.TryGetValue(task.Job, out var manifest))
                manifests[task.Job] = manifest = TrialManifest.Read(Path.Combine(known.Folder, $"{known.Job.Name}.json"));
            return manifest.Trials[index].Id;
        }
    }
}
