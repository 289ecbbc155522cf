using System.CommandLine;
using TrainHarness.Cli.Clusters;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study task MANIFEST</c>: what a cluster starts for each trial.</summary>
internal static class TaskCommand
{
    public static Command Create(WorkloadCatalog workloads)
    {
        var manifest = new Argument<string>("MANIFEST") { Description = "What study submit wrote: the trial of each index." };
        var index = new Option<int?>("--index")
        {
            Description = "Which of its trials; without it the index that Slurm or Kubernetes gave this task.",
            HelpName = "N",
        };
        var command = new Command(
            "task",
            "Trains one trial of a submitted study. Clusters start it. It goes on from a checkpoint, "
                + "and ends at once if the trial is done.\n\n"
                + "Example: trainharness study task results/quickstart/submissions/1/trials.json --index 0"
        )
        {
            manifest,
            index,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var tasks = TrialManifest.Read(parsed.GetValue(manifest)!);
                var here = parsed.GetValue(index)
                    ?? TrialTask.IndexHere
                    ?? throw new ConfigurationException(
                        "--index: is missing, and no cluster has started this process; allowed: the index of a trial in the manifest."
                    );
                var study = StudyReader.Read(tasks.Study, workloads.Vocabularies);
                return new TrialTask(workloads.Of(study), study, tasks, Console.Out).Run(here, cancellation);
            }
        );
        return command;
    }
}
