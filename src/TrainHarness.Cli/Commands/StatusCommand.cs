using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Clusters;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study status FILE</c>: how far a study is, by its files; and what of it a cluster has in its queue.</summary>
internal static class StatusCommand
{
    private sealed record Answer(string Study, IReadOnlyList<Row> Trials);

    /// <param name="Job">Null where it is in no queue.</param>
    private sealed record Row(string Id, TrialState State, JobRow? Job);

    private sealed record JobRow(string Id, string State, string? Node, string? Reason);

    public static Command Create(WorkloadCatalog workloads)
    {
        var (file, results, json) = (CommonOptions.Study(), CommonOptions.Results(), CommonOptions.Json());
        var command = new Command(
            "status",
            "Lists the trials of a study with their states: pending, running, checkpointed, reached, missed, diverged or failed; "
                + "and of a submitted study with their jobs.\n\nExample: trainharness study status quickstart"
        )
        {
            file,
            results,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var study = StudyReader.Read(StudyFile.Find(parsed.GetValue(file)!), workloads.Vocabularies);
                var store = new ResultStore(Path.Combine(parsed.GetValue(results)!, study.Name));
                var measured = new MeasuredStudy(study, store);
                var threshold = measured.Threshold();
                var jobs = await Jobs(study, store, cancellation);
                List<Row> rows =
                [
                    .. study.Trials.Select(trial => new Row(
                        trial.Id,
                        TrialStates.Of(trial, threshold, measured, store),
                        jobs.GetValueOrDefault(trial.Id)
                    )),
                ];
                if (parsed.GetValue(json))
                {
                    CommonOptions.WriteJson(new Answer(study.Name, rows));
                    return ExitStatus.Done;
                }

                var longest = rows.Where(row => row.Job is not null).Select(row => row.Id.Length).DefaultIfEmpty().Max();
                foreach (var row in rows)
                {
                    var trial = row.Job is { } job ? $"{row.Id.PadRight(longest)} {Words(job)}" : row.Id;
                    Console.Out.WriteLine($"{row.State.ToString().ToLowerInvariant(), -12} {trial}");
                }

                return ExitStatus.Done;
            }
        );
        return command;
    }

    /// <summary>
    /// The job of each trial that is in a queue. The files say how far a trial is, so that a queue that does not answer hides nothing.
    /// </summary>
    private static async Task<Dictionary<string, JobRow>> Jobs(Study study, ResultStore store, CancellationToken cancellation)
    {
        try
        {
            return (await ClusterQueue.Of(study, store, cancellation))
                .Where(task => task.Trial is not null)
                .GroupBy(task => task.Trial!)
                .ToDictionary(tasks => tasks.Key, tasks => RowOf(tasks.Last().Task));
        }
        catch (Exception error) when (error is IOException or ConfigurationException)
        {
            Console.Error.WriteLine($"The queue is not known: {error.Message}");
            return [];
        }
    }

    private static JobRow RowOf(QueuedTask task) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{task.Job}_{task.Index}"), task.State, task.Node, task.Reason);

    private static string Words(JobRow job) =>
        $"job {job.Id} {job.State}{(job.Node is { } node ? $" on {node}" : "")}{(job.Reason is { } reason ? $" ({reason})" : "")}";
}
