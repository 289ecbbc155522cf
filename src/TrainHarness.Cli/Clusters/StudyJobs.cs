using System.Globalization;
using TrainHarness.Protocol;

namespace TrainHarness.Cli.Clusters;

/// <summary>The jobs that a study is submitted as: those that set the target, all others after them, and the report after all.</summary>
internal static class StudyJobs
{
    public const string Report = "report";

    private const string Baseline = "baseline";
    private const string Others = "trials";

    /// <param name="missing">Trials that are neither done nor in the queue, in their order.</param>
    /// <param name="queued">Trials that are in the queue, with the tasks that they are: 123_4.</param>
    /// <param name="isTargetKnown">Whether it was given, or the baseline has set it.</param>
    /// <param name="longestArray">How many tasks an array may have.</param>
    /// <param name="isThrottled">Whether the cluster file limits how many run at a time; arrays then follow each other.</param>
    public static IReadOnlyList<PlannedJob> Of(
        Study study,
        IReadOnlyList<Trial> missing,
        IReadOnlyList<(Trial Trial, string Job)> queued,
        bool isTargetKnown,
        int longestArray,
        bool isThrottled
    )
    {
        if (missing.Count == 0)
            return [];
        List<Trial> first = isTargetKnown ? [] : [.. missing.Where(trial => study.RunsWithoutTarget(trial.Entry))];
        var jobs = Arrays(Baseline, first, JobDependency.None, longestArray, isThrottled);
        // Without a target the others cannot start: where the baseline fails, they leave the queue. Of an array only the tasks that are
        // still there count: one that has failed would keep them out for ever.
        string[] setting = isTargetKnown
            ? []
            : [.. queued.Where(task => study.RunsWithoutTarget(task.Trial.Entry)).Select(task => task.Job).Distinct()];
        var target = new JobDependency([.. jobs.Select(job => job.Name)], setting, MustSucceed: true);
        jobs.AddRange(Arrays(Others, [.. missing.Except(first)], target, longestArray, isThrottled));
        var all = new JobDependency(
            [.. jobs.Select(job => job.Name)],
            [.. queued.Select(task => task.Job.Split('_')[0]).Distinct()],
            MustSucceed: false
        );
        jobs.Add(new PlannedJob(Report, [], all));
        return jobs;
    }

    private static List<PlannedJob> Arrays(
        string name,
        IReadOnlyList<Trial> trials,
        JobDependency after,
        int longestArray,
        bool isThrottled
    )
    {
        var jobs = new List<PlannedJob>();
        foreach (var part in trials.Chunk(longestArray))
        {
            // Each array would be throttled by itself.
            var dependency = isThrottled && jobs.Count > 0 ? after with { Ended = jobs[^1].Name } : after;
            var number = jobs.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{jobs.Count + 1}");
            jobs.Add(new PlannedJob(name + number, part, dependency));
        }

        return jobs;
    }
}
