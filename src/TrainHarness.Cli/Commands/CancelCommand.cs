using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Clusters;
using TrainHarness.Cli.Execution;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study cancel FILE</c>: takes a study out of the queue of its cluster.</summary>
internal static class CancelCommand
{
    private sealed record Answer(string Study, IReadOnlyList<string> Jobs, int Tasks);

    public static Command Create(WorkloadCatalog workloads)
    {
        var (file, results, json) = (CommonOptions.Study(), CommonOptions.Results(), CommonOptions.Json());
        var command = new Command(
            "cancel",
            "Takes what is left of a study out of the queue of Slurm. Trials that run save a checkpoint; "
                + "study submit goes on from there.\n\n"
                + "Example: trainharness study cancel imagenette-96-cpu"
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
                var queued = await ClusterQueue.Of(study, store, cancellation);
                List<string> jobs = [.. queued.Select(task => task.Task.Job).Distinct()];
                if (jobs.Count > 0)
                    await Slurm.Cancel(jobs, cancellation);
                if (parsed.GetValue(json))
                    CommonOptions.WriteJson(new Answer(study.Name, jobs, queued.Count));
                else if (jobs.Count == 0)
                    Console.Out.WriteLine($"{study.Name}: nothing of it is in the queue.");
                else
                    Console.Out.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{study.Name}: job {string.Join(", ", jobs)} is cancelled ({queued.Count} tasks)."
                        )
                    );
                return ExitStatus.Done;
            }
        );
        return command;
    }
}
